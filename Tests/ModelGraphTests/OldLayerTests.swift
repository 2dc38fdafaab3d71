import Engine
import Foundation
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing

/// Layers and modes that Keras 1 alone had, against its formulas in float64.
@Suite struct OldLayerTests {
  /// Layers that no Keras of today has.
  static let classes: Set = ["Highway", "MaxoutDense", "Merge", "ParametricSoftplus", "SReLU"]

  private var source = RandomSource(seed: 5)

  private mutating func numbers(_ shape: [Int]) -> Tensor {
    Tensor(Shape(shape), source.normal(shape.reduce(1, *)))
  }

  /// The outputs of a chain of one layer of Keras 1 for `x`, with the given weights.
  private func output(
    _ className: String, _ settings: JSON, _ weights: [Tensor], _ x: Tensor,
    dialect: Dialect = .keras1
  ) throws -> Tensor {
    var config = settings
    config["name"] = "layer_1"
    config["batch_input_shape"] = .array(
      [.null] + x.shape.dimensions.dropFirst().map(JSON.int))
    let graph = try Graph(
      modelConfig: [
        "class_name": "Sequential",
        "config": [["class_name": .string(className), "config": config]],
      ], dialect: dialect)
    // What is written is read again as the same.
    let again = try Graph(modelConfig: graph.modelConfig(.complete))
    #expect(again.modelConfig(.complete) == graph.modelConfig(.complete))
    let built = try graph.built()
    let variables = Variables()
    let stored = LayerWeights(
      name: "layer_1",
      weights: weights.enumerated().map { Weight(name: "layer_1_\($0):0", tensor: $1) })
    try built.loadWeights([stored], of: WeightsOrigin(dialect), into: variables)
    let builder = ProgramBuilder()
    let input = builder.input("x", built.inputTypes([x.shape])[0])
    builder.output("y", try built.trace(builder, inputs: [input], mode: .inference)[0].value)
    let session = try Session(Plan(builder.program, threads: 1), variables: variables)
    try session.setInput(0, x)
    try session.run()
    return session.output("y")
  }

  private func expect(
    _ found: Tensor, _ shape: [Int], _ element: ([Int]) -> Double,
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.shape.dimensions == shape, sourceLocation: location)
    for (place, value) in found.scalars.doubles.enumerated() {
      var (index, rest) = ([Int](), place)
      for extent in shape.reversed() {
        index.insert(rest % extent, at: 0)
        rest /= extent
      }
      let expected = element(index)
      #expect(abs(value - expected) < 1e-5, "\(index)", sourceLocation: location)
    }
  }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test mutating func `MaxoutDense takes the greatest of its connections`() throws {
    let (x, kernel, bias) = (numbers([3, 4]), numbers([5, 4, 2]), numbers([5, 2]))
    let (a, w, b) = (x.scalars.doubles, kernel.scalars.doubles, bias.scalars.doubles)
    let settings: JSON = ["output_dim": 2, "nb_feature": 5, "init": "glorot_uniform", "bias": true]
    expect(try output("MaxoutDense", settings, [kernel, bias], x), [3, 2]) { index in
      (0..<5).map { feature in
        (0..<4).reduce(b[feature * 2 + index[1]]) {
          $0 + a[index[0] * 4 + $1] * w[(feature * 4 + $1) * 2 + index[1]]
        }
      }.max() ?? .nan
    }
  }

  @Test mutating func `Highway mixes its connection with its input`() throws {
    let x = numbers([3, 4])
    let weights = [numbers([4, 4]), numbers([4, 4]), numbers([4]), numbers([4])]
    let a = x.scalars.doubles
    let w = weights.map { $0.scalars.doubles }
    let settings: JSON = ["activation": "tanh", "init": "glorot_uniform", "bias": true]
    expect(try output("Highway", settings, weights, x), [3, 4]) { index in
      func product(_ kernel: [Double]) -> Double {
        (0..<4).reduce(0) { $0 + a[index[0] * 4 + $1] * kernel[$1 * 4 + index[1]] }
      }
      let share = sigmoid(product(w[1]) + w[3][index[1]])
      let made = tanh(product(w[0]) + w[2][index[1]])
      return share * made + (1 - share) * a[index[0] * 4 + index[1]]
    }
  }

  @Test mutating func `ParametricSoftplus and SReLU follow their formulas`() throws {
    let x = numbers([3, 4, 2])
    let a = x.scalars.doubles
    let softplus = [numbers([4, 2]), numbers([4, 2])]
    let p = softplus.map { $0.scalars.doubles }
    let settings: JSON = ["alpha_init": 0.2, "beta_init": 5.0]
    expect(try output("ParametricSoftplus", settings, softplus, x), [3, 4, 2]) { index in
      let place = index[1] * 2 + index[2]
      let value = p[1][place] * a[index[0] * 8 + place]
      return p[0][place] * log(1 + exp(value))
    }
    // One for all steps.
    let weights = (0..<4).map { _ in numbers([1, 2]) }
    let w = weights.map { $0.scalars.doubles }
    expect(try output("SReLU", ["shared_axes": [1]], weights, x), [3, 4, 2]) { index in
      let (value, place) = (a[index[0] * 8 + index[1] * 2 + index[2]], index[2])
      let (left, right) = (w[0][place], w[0][place] + abs(w[2][place]))
      if value <= left { return left + w[1][place] * (value - left) }
      return value < right ? value : right + w[3][place] * (value - right)
    }
  }

  @Test mutating func `BatchNormalization by example and by batch`() throws {
    let x = numbers([5, 3])
    let a = x.scalars.doubles
    let weights = (0..<4).map { _ in numbers([3]) }
    let w = weights.map { $0.scalars.doubles }
    func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
      let mean = values.reduce(0, +) / Double(values.count)
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }
    func settings(_ mode: Int) -> JSON {
      ["mode": .int(mode), "epsilon": 0.01, "axis": -1, "momentum": 0.9]
    }
    expect(try output("BatchNormalization", settings(1), weights, x), [5, 3]) { index in
      let (mean, variance) = moments((0..<3).map { a[index[0] * 3 + $0] })
      let deviation = (variance + 0.01).squareRoot() + 0.01
      let value = (a[index[0] * 3 + index[1]] - mean) / deviation
      return w[0][index[1]] * value + w[1][index[1]]
    }
    expect(try output("BatchNormalization", settings(2), weights, x), [5, 3]) { index in
      let (mean, variance) = moments((0..<5).map { a[$0 * 3 + index[1]] })
      let value = (a[index[0] * 3 + index[1]] - mean) / (variance + 0.01).squareRoot()
      return w[0][index[1]] * value + w[1][index[1]]
    }
  }

  @Test func `Cosines along other axes, and modes that are Python code, are refused`() throws {
    for settings: JSON in [
      ["mode": "cos", "mode_type": "raw", "dot_axes": [2, 1]],
      ["mode": "my_mode", "mode_type": "function"],
    ] {
      var config = settings
      config["name"] = "merge_1"
      let input: JSON = ["name": "a", "batch_input_shape": [nil, 3]]
      let model: JSON = [
        "class_name": "Model",
        "config": [
          "name": "m", "input_layers": [["a", 0, 0]], "output_layers": [["merge_1", 0, 0]],
          "layers": [
            ["class_name": "InputLayer", "name": "a", "config": input, "inbound_nodes": []],
            [
              "class_name": "Merge", "name": "merge_1", "config": config,
              "inbound_nodes": [[["a", 0, 0], ["a", 0, 0]]],
            ],
          ],
        ],
      ]
      let graph = try Graph(modelConfig: model, dialect: .keras1)
      #expect(graph.unsupportedLayers.map(\.name) == ["merge_1"])
    }
  }

  @Test func `The margins of Keras 1 have four ends in a row, or by their names`() throws {
    for padding: JSON in [
      [1, 2, 3, 4], ["top_pad": 1, "bottom_pad": 2, "left_pad": 3, "right_pad": 4],
    ] {
      let x = Tensor([1, 1, 1, 1], [Float(1)])
      let y = try output("ZeroPadding2D", ["padding": padding, "dim_ordering": "tf"], [], x)
      #expect(y.shape == [1, 4, 8, 1])
      #expect(y.scalars.floats[1 * 8 + 3] == 1)
    }
  }
}
