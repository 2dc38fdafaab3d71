/// Functional models built in Swift, with the public interface alone.
import Foundation
import Keratin
import Testing

/// A user's own layer: `y = x · scale + shift`, with a scale for each feature.
private struct FeatureScale: SingleInputLayer {
  static let className = "FeatureScale"
  static let module = "my_package"

  var attributes: LayerAttributes
  let start: Double

  init(start: Double = 1, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.start = start
  }

  init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    start = try config.number("start", default: 1)
  }

  var settings: [String: JSON] { ["start": .number(start)] }

  func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    [
      try WeightSpec("scale", [try input.known(-1)], WeightSettings(.constant(start))),
      try WeightSpec("shift", [try input.known(-1)], WeightSettings(.zeros)),
    ]
  }

  func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try input * context.weight("scale") + context.weight("shift")
  }
}

@Suite struct FunctionalTests {
  private func numbers(_ rows: Int, _ columns: Int, seed: Double) -> Tensor {
    Tensor([rows, columns], (0..<rows * columns).map { Float(sin(Double($0 * $0) + seed)) })
  }

  @Test func `a layer that is shared has one set of weights`() throws {
    let (a, b) = (Input(shape: [4], name: "a"), Input(shape: [4], name: "b"))
    let encoder = SharedLayer(Dense(3, activation: .tanh, name: "encoder"))
    let apart = Subtract()([encoder(a), encoder(b)])
    let model = Functional(inputs: [a, b], outputs: [Dense(1)(apart)], seed: 5)
    try model.build()
    #expect(try model.weights.map(\.shape.dimensions) == [[4, 3], [3], [3, 1], [1]])
    let x = numbers(6, 4, seed: 1)
    let same = try model.predict([x, x])
    #expect(same.count == 1 && same[0].scalars.floats.allSatisfy { $0 == 0 })
    let other = try model.predict([x, numbers(6, 4, seed: 2)])[0]
    #expect(other.shape.dimensions == [6, 1] && other.scalars.floats.contains { $0 != 0 })
  }

  @Test func `a model with branches and several outputs is saved and loaded`() throws {
    let image = Input(shape: [8, 8, 2], name: "image")
    let features = Conv2D(filters: 4, kernelSize: 3, padding: .same, activation: .relu)(image)
    let sum = Add()([features, Conv2D(filters: 4, kernelSize: 1)(image)])
    let pooled = GlobalAveragePooling2D()(sum)
    let states = LSTM(5, returnState: true).outputs(of: Reshape([4, 1])(pooled))
    let model = Functional(
      inputs: [image], outputs: [Dense(3, activation: .softmax, name: "class")(pooled), states[2]],
      seed: 3)
    let x = Tensor([2, 8, 8, 2], (0..<256).map { Float($0 % 7) - 3 })
    let before = try model.predict([x])
    #expect(before.map(\.shape.dimensions) == [[2, 3], [2, 5]])
    let folder = try TemporaryFolder()
    try model.save(folder.path("branches.h5"))
    #expect(try Model.load(folder.path("branches.h5")).predict([x]) == before)
  }

  @Test func `a trained model becomes a part of another with its weights, frozen or not`() throws {
    let base = Sequential([InputLayer(shape: [4]), Dense(3, activation: .tanh), Dense(2)], seed: 1)
    let (x, y) = (numbers(32, 4, seed: 3), numbers(32, 1, seed: 4))
    let expected = try base.predict(x)
    for trainable in [true, false] {
      let input = Input(shape: [4])
      let part = base.asLayer(name: "base", trainable: trainable)
      let features = part(input)
      let model = Functional(inputs: [input], outputs: [features, Dense(1)(features)], seed: 9)
      #expect(try model.predict([x])[0] == expected)
      let head = Functional(inputs: input, outputs: Dense(1)(part(input)), seed: 9)
      head.compile(optimizer: SGD(learningRate: 0.1), loss: .meanSquaredError)
      try head.fit(x, y, epochs: 2, verbose: .silent)
      let after = try head.weights.prefix(4)
      #expect((Array(after) == (try base.weights)) == !trainable)
    }
  }

  @Test func `a trained model keeps its weights at each step of a sequence too`() throws {
    let base = Sequential([InputLayer(shape: [4]), Dense(3, activation: .tanh)], seed: 1)
    let x = numbers(6, 4, seed: 3)
    let expected = try base.predict(x)
    let steps = Sequential([InputLayer(shape: [2, 4]), TimeDistributed(base.asLayer())], seed: 9)
    let found = try steps.predict(Tensor([3, 2, 4], x.scalars.floats))
    #expect(found.scalars == expected.scalars)
  }

  @Test func `a layer of another package trains, is saved, and is loaded by its class`() throws {
    let model = Sequential([InputLayer(shape: [4]), FeatureScale(start: 0.5), Dense(1)], seed: 2)
    model.compile(optimizer: SGD(learningRate: 0.1), loss: .meanSquaredError)
    let (x, y) = (numbers(32, 4, seed: 5), numbers(32, 1, seed: 6))
    let start = try model.evaluate(x, y, verbose: .silent)["loss"] ?? .nan
    try model.fit(x, y, epochs: 5, verbose: .silent)
    let end = try model.evaluate(x, y, verbose: .silent)["loss"] ?? .nan
    #expect(end < start)
    #expect(try model.weights[0].scalars.floats.allSatisfy { $0 != 0.5 })
    let folder = try TemporaryFolder()
    let path = folder.path("own.h5")
    try model.save(path)
    let loaded = try Model.load(path, customLayers: [FeatureScale.self])
    #expect(try loaded.predict(x) == model.predict(x))
    // Without the class, the file is refused by the layer's name.
    let refusal = #expect(throws: ModelFileError.self) { try Model.load(path) }
    let text = try #require(refusal).description
    #expect(
      text.contains(#"layer "feature_scale" (FeatureScale)"#) && text.contains("customLayers"))
    // Inside another layer too.
    let steps = Sequential([InputLayer(shape: [3, 4]), TimeDistributed(FeatureScale())], seed: 2)
    try steps.build()
    try steps.save(path)
    _ = try Model.load(path, customLayers: [FeatureScale.self])
  }

  @Test func `an output that depends on an input that is not named is refused`() throws {
    let (a, b) = (Input(shape: [4], name: "a"), Input(shape: [4], name: "b"))
    let sum = Add()([a, b])
    #expect(throws: ModelGraphError(.disconnected(input: "b"))) {
      try Graph(inputs: [a], outputs: [sum])
    }
    #expect(throws: ModelGraphError(.notAnInput, at: .init(layer: ""))) {
      try Graph(inputs: [a, b, sum], outputs: [sum])
    }
  }
}
