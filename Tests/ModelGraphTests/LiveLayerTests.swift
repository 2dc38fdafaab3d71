import Engine
import Foundation
import KerasCheckpoint
import ModelGraph
import Tensors
import TestSupport
import Testing

/// Every layer of the catalogue against real Keras 3 and tf_keras.
@Suite(.enabled(if: Surroundings.kerasPython != nil, Python.reason))
struct LiveLayerTests {
  let answers: KerasAnswers

  init() throws { answers = try KerasAnswers.shared.get() }

  @Test func `every layer of the catalogue has cases of the generations that have it`() {
    for layer in Catalogue.layers {
      let generations = [Dialect.keras2, .keras3].filter {
        answers.layers($0).contains(layer.className)
      }
      #expect(
        generations.isEmpty == OldLayerTests.classes.contains(layer.className),
        "neither Keras has \(layer.className)")
      for dialect in generations {
        let isThere = answers.cases.contains {
          $0.dialect == dialect
            && ($0.classes.contains(layer.className) || layer.className == "InputLayer")
        }
        #expect(isThere, "no case of \(dialect) for \(layer.className)")
      }
    }
  }

  @Test func `outputs are those of Keras`() throws {
    for answer in answers.cases {
      do {
        let graph = try Graph(modelConfig: answer.config, dialect: answer.dialect)
        let outputs = try run(graph, answer, .inference).outputs
        compare(outputs, try answer.tensors("outputs"), answer.label)
      } catch {
        Issue.record("\(answer.label): \(error)")
      }
    }
  }

  @Test func `states go on from batch to batch as in Keras`() throws {
    let stateful = answers.cases.filter { $0.json["later_inputs"] != nil }
    #expect(stateful.count == 16)
    for answer in stateful {
      let built = try Graph(modelConfig: answer.config, dialect: answer.dialect).built()
      #expect(built.isStateful)
      let variables = try variables(built, answer)
      let inputs = try answer.tensors("inputs") + answer.tensors("later_inputs")
      let builder = ProgramBuilder()
      let x = builder.input("x", built.inputTypes([inputs[0].shape])[0])
      let results = try built.trace(builder, inputs: [x], mode: .inference)
      for (place, result) in results.enumerated() { builder.output("\(place)", result.value) }
      let session = try Session(Plan(builder.program, threads: 1), variables: variables)
      var found: [Tensor] = []
      for input in inputs {
        try session.setInput(0, input)
        try session.run()
        found += results.indices.map { session.output("\($0)") }
      }
      let expected = try answer.tensors("outputs") + answer.tensors("later_outputs")
      compare(found, expected, answer.label)
    }
  }

  @Test func `normalisation in training is that of Keras, what it updates too`() throws {
    let trained = answers.cases.filter { $0.json["trained_outputs"] != nil }
    #expect(trained.count >= 10)
    for answer in trained {
      do {
        let graph = try Graph(modelConfig: answer.config, dialect: answer.dialect)
        let (outputs, weights) = try run(graph, answer, .training)
        compare(outputs, try answer.tensors("trained_outputs"), answer.label)
        compare(weights, try answer.tensors("trained_weights"), "\(answer.label), weights")
      } catch {
        Issue.record("\(answer.label): \(error)")
      }
    }
  }

  @Test func `gradients of inputs and weights are those of Keras`() throws {
    let differentiated = answers.cases.filter { $0.json["gradients"] != nil }
    #expect(differentiated.count >= 100)
    for answer in differentiated {
      do {
        let graph = try Graph(modelConfig: answer.config, dialect: answer.dialect)
        compare(try gradients(graph, answer), try answer.tensors("gradients"), answer.label)
      } catch {
        Issue.record("\(answer.label): \(error)")
      }
    }
  }

  @Test func `regularizers add to the loss what they add in Keras`() throws {
    let regularized = answers.cases.filter { $0.json["regularization_loss"] != nil }
    #expect(regularized.count == 4)
    for answer in regularized {
      let graph = try Graph(modelConfig: answer.config, dialect: answer.dialect).built()
      let variables = try variables(graph, answer)
      let builder = ProgramBuilder()
      let loss = try #require(try graph.regularizationLoss(builder))
      builder.output("loss", loss)
      let session = try Session(Plan(builder.program, threads: 1), variables: variables)
      try session.run()
      let expected = try #require(answer.json["regularization_loss"]?.double)
      let found = Double(session.output("loss").scalars.floats[0])
      #expect(abs(found - expected) <= 1e-5 * expected, "\(answer.label)")
    }
  }

  @Test func `weights have Keras's order, shapes and number`() throws {
    for answer in answers.cases {
      let graph = try Graph(modelConfig: answer.config, dialect: answer.dialect).built()
      let stored = answer.json["weights"]?.array ?? []
      let ours = graph.variables
      #expect(ours.count == stored.count, "\(answer.label)")
      let count = ours.reduce(0) { $0 + $1.spec.shape.count }
      #expect(count == answer.json["parameters"]?.int, "\(answer.label)")
      guard answer.dialect == .keras3 else { continue }
      for (variable, weight) in zip(ours, stored) {
        let name = try #require(weight["name"]?.string)
        // What stands before the layer's name is the model's. The layers of a model inside it were named
        // before it had a name.
        let (ours, theirs) = ("/\(variable.name)", "/\(name)")
        #expect(theirs.hasSuffix(ours) || ours.hasSuffix(theirs), "\(answer.label)")
      }
    }
  }

  @Test func `configurations are read by Keras 3 and say what they said`() throws {
    var written: [JSON] = []
    for answer in answers.cases {
      guard answer.json["readable"]?.bool != false else { continue }
      let graph = try Graph(modelConfig: answer.config, dialect: answer.dialect)
      let hasLegacyForm = !graph.hasOperations && answer.json["legacy"]?.bool != false
      written.append([
        "label": .string(answer.label),
        "written": answer.json["written"]?.bool == false ? .null : graph.modelConfig(.complete),
        "legacy": hasLegacyForm ? graph.modelConfig(.legacy) : .null,
        "original": answer.dialect == .keras3 ? answer.config : .null,
      ])
    }
    let folder = try Python.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "written.json")
    try JSON.array(written).text.write(to: file, atomically: true, encoding: .utf8)
    let complaints = try Python.run("check.py", [file.path])
    #expect(complaints.isEmpty, "\(complaints)")
  }

  @Test func `summaries are those of Keras`() throws {
    for json in answers.summaries {
      guard let config = json["config"], let text = json["text"]?.string else { continue }
      let summary = try Summary(Graph(modelConfig: config))
      #expect(summary.text == text)
    }
    let paths = answers.summaries.compactMap { $0["names"]?.array }.flatMap { $0 }
    let graph = try Graph(sequential: Models.reviewClassifier()).built(inputShapes: [[32, 200]])
    let variables = Variables()
    try graph.initialise(variables, seed: 1)
    let names = try graph.layerWeights(variables).flatMap { $0.weights.map(\.name) }
    #expect(names.map(JSON.string) == paths)
  }

  // MARK: Running

  private func run(
    _ graph: Graph, _ answer: KerasAnswers.Case, _ mode: Mode
  ) throws -> (outputs: [Tensor], weights: [Tensor]) {
    let inputs = try answer.tensors("inputs")
    let built = try graph.built()
    let variables = try variables(built, answer)
    let builder = ProgramBuilder()
    let types = built.inputTypes(inputs.map(\.shape))
    let values = types.enumerated().map { builder.input("input \($0)", $1) }
    let results = try built.trace(builder, inputs: values, mode: mode)
    for (place, result) in results.enumerated() { builder.output("\(place)", result.value) }
    for (result, shape) in zip(results, built.outputShapes) {
      let found = LayerShape(result.value.shape.dimensions)
      #expect(shape.admits(found), "\(answer.label): \(shape) was said, \(found) came")
    }
    let session = try Session(Plan(builder.program, threads: 1), variables: variables)
    for (place, input) in inputs.enumerated() { try session.setInput(place, input) }
    try session.run()
    return (
      results.indices.map { session.output("\($0)") },
      built.variables.compactMap { variables.tensor($0.name) }
    )
  }

  /// The gradients of the sum of all outputs times the case's factors, and of what the layers add to a
  /// loss: of the inputs that are no tokens, then of what training changes.
  private func gradients(_ graph: Graph, _ answer: KerasAnswers.Case) throws -> [Tensor] {
    let (inputs, factors) = (try answer.tensors("inputs"), try answer.tensors("factors"))
    let built = try graph.built()
    let builder = ProgramBuilder()
    let types = built.inputTypes(inputs.map(\.shape))
    let values = types.enumerated().map { builder.input("input \($0)", $1) }
    let mode = answer.json["trained_outputs"] == nil ? Mode.inference : .training
    var penalties: [Value] = []
    let results = try built.trace(builder, inputs: values, mode: mode, penalties: &penalties)
    if let penalty = try built.regularizationLoss(builder) { penalties.append(penalty) }
    var loss = try penalties.reduce(builder.constant(0)) { try $0 + $1 }
    for (place, result) in results.enumerated() {
      let factor = builder.input("factor \(place)", result.value.type)
      loss = try loss + (result.value * factor).sum(axes: Array(0..<factor.rank))
    }
    let weights = built.trainedVariables.map { builder.state($0.name, $0.spec.shape) }
    let targets = values.filter { $0.type.dtype == .float32 } + weights
    let found = try builder.gradients(of: loss, withRespectTo: targets)
    for (place, gradient) in found.enumerated() { builder.output("\(place)", gradient) }
    let session = try Session(
      Plan(builder.program, threads: 1), variables: try variables(built, answer))
    for (place, tensor) in (inputs + factors).enumerated() { try session.setInput(place, tensor) }
    try session.run()
    return found.indices.map { session.output("\($0)") }
  }

  private func inputValue(_ builder: ProgramBuilder, _ graph: BuiltGraph, _ shape: Shape) -> Value {
    builder.input("input", graph.inputTypes([shape])[0])
  }

  private func variables(_ graph: BuiltGraph, _ answer: KerasAnswers.Case) throws -> Variables {
    let variables = Variables()
    for (variable, tensor) in zip(graph.variables, try answer.tensors("weights")) {
      variables.set(variable.name, tensor)
    }
    graph.resetStates(variables)
    return variables
  }

  /// Within 1e-5 of the greatest number: the order of float32 sums differs.
  private func compare(_ found: [Tensor], _ expected: [Tensor], _ label: String) {
    #expect(found.count == expected.count, "\(label)")
    for (one, other) in zip(found, expected) {
      #expect(one.shape == other.shape, "\(label)")
      let (ours, theirs) = (one.scalars.floats, other.scalars.floats)
      let scale = max(1, theirs.map(abs).max() ?? 0)
      #expect(theirs.allSatisfy { $0.isFinite }, "\(label): Keras gives no numbers")
      let worst = zip(ours, theirs).enumerated().max {
        abs($0.element.0 - $0.element.1) < abs($1.element.0 - $1.element.1)
      }
      guard let worst else { continue }
      #expect(
        abs(worst.element.0 - worst.element.1) <= 1e-5 * scale,
        "\(label): element \(worst.offset) is \(worst.element.0), not \(worst.element.1)")
    }
  }
}

extension Graph {
  /// Whether it has bare operations, which Keras's legacy form cannot hold.
  fileprivate var hasOperations: Bool {
    layers.contains { $0 is any ModelGraph.Operation || $0 is FunctionCallLayer }
  }
}
