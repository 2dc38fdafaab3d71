/// What becomes of one case, step by step.
import Foundation
import Keratin

/// Loads a model, runs it, trains it and saves it, up to the first step that fails.
struct Attempt {
  /// What was found, as the answer says it, and the problem that ended the attempt.
  private(set) var answer: [String: JSON] = [:]
  private let request: Request

  init(_ request: Request) {
    self.request = request
    var step = "load"
    do {
      let model = try load()
      step = "run"
      try run(model)
      step = "train"
      if !request.targets.isEmpty { try train(model) }
      step = "write"
      try write(model)
    } catch {
      answer["problem"] = ["step": .string(step), "text": .string("\(error)")]
    }
  }

  private var inputShapes: [LayerShape] {
    request.inputs.map { LayerShape($0.shape.dimensions).withoutBatch }
  }

  private mutating func load() throws -> Model {
    let model = try Model.load(request.model, seed: 1)
    let graph = try model.build(inputShapes).graph
    if let problem = model.compileProblem { throw problem }
    answer["parameters"] = .int(graph.variables.reduce(0) { $0 + $1.spec.shape.count })
    answer["output_shapes"] = .array(try model.graph.built().outputShapes.map(\.json))
    return model
  }

  private mutating func run(_ model: Model) throws {
    let outputs = try model.build().predict(x: request.inputs)
    answer["shapes"] = .array(outputs.map { LayerShape($0.shape.dimensions).json })
    try write(outputs, to: request.predicted)
  }

  private mutating func train(_ model: Model) throws {
    let options = FitOptions(
      batchSize: request.inputs[0].shape[0], epochs: request.epochs, shuffle: false, seed: 1,
      verbose: .silent)
    let history = try model.build().fit(x: request.inputs, y: request.targets, options)
    answer["losses"] = .array(history["loss"].map(JSON.number))
    try write(try model.weights, to: request.trained)
  }

  /// Saves the model with what its file had, and a second one of which Keratin has the layers and the
  /// weights alone, so that it writes every word of the configuration itself.
  private func write(_ model: Model) throws {
    try model.save(request.saved)
    let remade = Model(model.graph)
    try remade.build(inputShapes)
    try remade.setWeights(try model.weights)
    try remade.save(request.remade)
  }

  private func write(_ tensors: [Tensor], to path: String) throws {
    let numbers = tensors.flatMap(\.scalars.floats)
    try Data(Tensor([numbers.count], numbers).npyBytes).write(to: URL(filePath: path))
  }
}
