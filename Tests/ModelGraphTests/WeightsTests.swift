import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing

@Suite struct WeightsTests {
  private let graph: BuiltGraph
  private let stored: [LayerWeights]

  init() throws {
    graph = try Graph(sequential: [
      InputLayer(shape: [2]), Dense(3), Dropout(0.1), Dense(1, name: "last"),
    ]).built()
    func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0) / 7 } }
    stored = [
      LayerWeights(
        name: "other",
        weights: [
          Weight(name: "other/kernel:0", tensor: Tensor([2, 3], numbers(6))),
          Weight(name: "other/bias:0", tensor: Tensor([3], numbers(3))),
        ]),
      LayerWeights(name: "dropout", weights: []),
      LayerWeights(
        name: "last",
        weights: [
          Weight(name: "last/kernel:0", tensor: Tensor([3, 1], numbers(3))),
          Weight(name: "last/bias:0", tensor: Tensor([1], numbers(1))),
        ]),
    ]
  }

  @Test func `weights are matched by position and come back bit for bit`() throws {
    let variables = Variables()
    try graph.loadWeights(stored, into: variables)
    #expect(variables.tensor("dense/kernel")?.scalars.floats == (0..<6).map { Float($0) / 7 })
    let written = try graph.layerWeights(variables, like: stored)
    #expect(written.map(\.name) == ["dense", "dropout", "last"])
    // The stored names of a layer of the same name are kept.
    #expect(
      written.flatMap { $0.weights.map(\.name) } == [
        "dense/kernel", "dense/bias", "last/kernel:0", "last/bias:0",
      ])
    for (one, other) in zip(written, stored) {
      #expect(try one.weights.map { try $0.tensor() } == other.weights.map { try $0.tensor() })
    }
  }

  @Test func `a layer too few or too many is refused`() {
    let expected = error(.weightedLayerCount(expected: ["dense", "last"], found: ["other"]))
    #expect(throws: expected) {
      try graph.loadWeights(Array(stored.prefix(2)), into: Variables())
    }
  }

  @Test func `a weight too few is refused`() {
    var stored = stored
    stored[2].weights.removeLast()
    #expect(
      throws: error(
        .weightCount(expected: ["kernel", "bias"], found: ["last/kernel:0"]), layer: "last", "Dense"
      )
    ) { try graph.loadWeights(stored, into: Variables()) }
  }

  @Test func `a weight of another shape names layer, weight and both shapes`() {
    var stored = stored
    stored[0].weights[0] = Weight(
      name: "k", tensor: Tensor([3, 2], [Float](repeating: 0, count: 6)))
    let expected = error(
      .weightShape(weight: "kernel", expected: [2, 3], found: [3, 2]), layer: "dense", "Dense")
    let variables = Variables()
    #expect(throws: expected) { try graph.loadWeights(stored, into: variables) }
    #expect(variables.names.isEmpty)
    #expect(
      expected.description == """
        layer "dense" (Dense): the weight "kernel" should have the shape (2, 3) but has (3, 2) in the \
        file; give the file of the same model
        """)
  }

  @Test func `weights that were never set cannot be saved`() {
    #expect(throws: error(.missingVariable("dense/kernel"))) { try graph.layerWeights(Variables()) }
  }

  @Test func `a seed draws the same numbers again, another seed others`() throws {
    func kernel(_ seed: UInt64) throws -> Tensor? {
      let variables = Variables()
      try graph.initialise(variables, seed: seed)
      return variables.tensor("dense/kernel")
    }
    #expect(try kernel(1) == kernel(1))
    #expect(try kernel(1) != kernel(2))
  }
}

@Suite struct InitializerTests {
  private func values(_ initializer: Initializer, _ inputs: Int, _ units: Int) throws -> [Double] {
    let graph = try Graph(sequential: [
      InputLayer(shape: [inputs]), Dense(units, kernelInitializer: initializer),
    ]).built()
    let variables = Variables()
    try graph.initialise(variables, seed: 11)
    return try #require(variables.tensor("dense/kernel")).scalars.doubles
  }

  /// Rules with the deviation that each has by its formula, for a kernel of 100 by 200.
  static let rules: [(Initializer, Double)] = [
    (.glorotUniform, (2.0 / 300).squareRoot()),
    (.glorotNormal(), (2.0 / 300).squareRoot()),
    (.heUniform(), (2.0 / 100).squareRoot()),
    (.heNormal(), (2.0 / 100).squareRoot()),
    (.lecunUniform(), (1.0 / 100).squareRoot()),
    (.lecunNormal(), (1.0 / 100).squareRoot()),
    (.randomNormal(deviation: 0.2), 0.2),
    (.uniform, 0.1 / 12.0.squareRoot()),
    (.truncatedNormal(deviation: 0.1), 0.087_962_566),
    (.varianceScaling(scale: 3, mode: .fanOut, distribution: .normal), (3.0 / 200).squareRoot()),
  ]

  /// 20,000 numbers tell it within 3 %.
  @Test(arguments: rules)
  func `the spread is that of the formula`(initializer: Initializer, deviation: Double) throws {
    let values = try values(initializer, 100, 200)
    let mean = values.reduce(0, +) / 20_000
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.03 * deviation)
    #expect(abs(square.squareRoot() / deviation - 1) < 0.03)
  }

  @Test func `a uniform draw stays within its limit`() throws {
    let limit = (6.0 / 300).squareRoot()
    let values = try values(.glorotUniform, 100, 200)
    #expect(values.allSatisfy { abs($0) <= limit * 1.000_001 })
    #expect((values.max() ?? 0) > 0.99 * limit)
  }

  @Test(arguments: [(8, 12), (12, 8), (6, 6)])
  func `an orthogonal matrix has orthogonal rows or columns`(rows: Int, columns: Int) throws {
    let values = try values(.orthogonal(gain: 2), rows, columns)
    let count = min(rows, columns)
    func vector(_ place: Int) -> [Double] {
      rows < columns
        ? (0..<columns).map { values[place * columns + $0] }
        : (0..<rows).map { values[$0 * columns + place] }
    }
    for one in 0..<count {
      for other in 0..<count {
        let product = zip(vector(one), vector(other)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (one == other ? 4 : 0)) < 1e-5)
      }
    }
  }

  @Test func `constants and the identity`() throws {
    #expect(try values(.constant(0.5), 2, 2) == [0.5, 0.5, 0.5, 0.5])
    #expect(try values(.identity(gain: 3), 2, 3) == [3, 0, 0, 0, 3, 0])
  }

  @Test func `the forget gate of an LSTM starts at 1`() throws {
    let graph = try Graph(sequential: [InputLayer(shape: [4, 3]), LSTM(2)]).built()
    let variables = Variables()
    try graph.initialise(variables, seed: 1)
    let bias = variables.tensor("lstm/lstm_cell/bias")
    #expect(bias?.scalars.floats == [0, 0, 1, 1, 0, 0, 0, 0])
  }

  @Test func `an initializer that is not Keras's is refused only when numbers are drawn`() throws {
    let config = try JSON(
      parsing: """
        {"class_name": "Sequential", "config": {"name": "m", "layers": [
          {"class_name": "Dense", "config": {"name": "d", "units": 1,
           "kernel_initializer": {"class_name": "Mine", "config": {}},
           "batch_input_shape": [null, 3]}}]}}
        """)
    let graph = try Graph(modelConfig: config).built()
    #expect(throws: error(.uninitialisable(initializer: "Mine"), layer: "d", "Dense")) {
      try graph.initialise(Variables(), seed: 1)
    }
  }
}
