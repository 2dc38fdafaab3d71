import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing

/// Weights in the layouts of older versions, number by number.
@Suite struct OldWeightsTests {
  private func graph(_ layers: [any Layer], _ shape: [Int]) throws -> BuiltGraph {
    try Graph(sequential: [InputLayer(shape: shape)] + layers).built()
  }

  /// The contents of a layer's variables after loading arrays into it.
  private func loaded(
    _ layer: any Layer, _ shape: [Int], _ arrays: [Tensor], _ origin: WeightsOrigin
  ) throws -> [[Float]] {
    let graph = try graph([layer], shape)
    let variables = Variables()
    let stored = LayerWeights(
      name: "old", weights: arrays.enumerated().map { Weight(name: "param_\($0)", tensor: $1) })
    try graph.loadWeights([stored], of: origin, into: variables)
    return graph.variables.compactMap { variables.tensor($0.name)?.scalars.floats }
  }

  private func counted(_ shape: Shape, from first: Int = 0) -> Tensor {
    Tensor(shape, (0..<shape.count).map { Float(first + $0) })
  }

  @Test func `The gates of an LSTM go from i, c, f, o to i, f, c, o`() throws {
    let arrays = (0..<4).flatMap { gate in
      [counted([2, 1], from: 10 * gate), counted([1, 1], from: gate), counted([1], from: gate)]
    }
    let found = try loaded(LSTM(1), [3, 2], arrays, WeightsOrigin(.keras1))
    #expect(found == [[0, 20, 10, 30, 1, 21, 11, 31], [0, 2, 1, 3], [0, 2, 1, 3]])
    // Of a newer file twelve arrays are no LSTM's.
    #expect(throws: ModelGraphError.self) { try loaded(LSTM(1), [3, 2], arrays, .today) }
  }

  @Test func `The gates of a GRU stay in their order`() throws {
    let arrays = (0..<3).flatMap { gate in
      [counted([1, 1], from: gate), counted([1, 1], from: gate), counted([1], from: gate)]
    }
    let layer = GRU(1, resetAfter: false)
    let found = try loaded(layer, [3, 1], arrays, WeightsOrigin(.keras1))
    #expect(found == [[0, 1, 2], [0, 1, 2], [0, 1, 2]])
  }

  @Test func `cuDNN's matrices stand transposed, gate by gate`() throws {
    // Of one gate: [2, 3] holds the three rows of [3, 2], whose transpose is the kernel.
    let gate: [Float] = [0, 2, 4, 1, 3, 5]
    func rows(_ place: Int) -> Float { Float(place / 9 * 3 + place % 3) }
    let kernel = Tensor([2, 9], (0..<18).map(rows))
    let recurrent = Tensor([3, 9], (0..<27).map(rows))
    let found = try loaded(
      GRU(3), [4, 2], [kernel, recurrent, counted([18])], WeightsOrigin(.keras2))
    for (place, value) in found[0].enumerated() {
      #expect(value == gate[place / 9 * 3 + place % 3])
    }
    for (place, value) in found[1].enumerated() {
      let (row, column) = (place / 9, place % 3)
      #expect(value == Float(column * 3 + row))
    }
    #expect(found[2] == counted([18]).scalars.floats)
    #expect(throws: ModelGraphError.self) {
      try loaded(
        GRU(3, resetAfter: false), [4, 2], [kernel, recurrent, counted([18])],
        WeightsOrigin(.keras2))
    }
  }

  @Test func `cuDNN's two biases of an LSTM are added`() throws {
    let arrays = [counted([1, 4]), counted([1, 4]), counted([8])]
    let found = try loaded(LSTM(1), [2, 1], arrays, WeightsOrigin(.keras2))
    #expect(found == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 6, 8, 10]])
  }

  @Test func `Kernels of Keras 1 lose an axis, and those of Theano are turned round`() throws {
    let layer = Conv1D(filters: 2, kernelSize: 3, useBias: false)
    // [L, 1, C, F], and before [F, C, L, 1].
    let today = counted([3, 1, 1, 2])
    let older = Tensor([2, 1, 3, 1], [Float]([0, 2, 4, 1, 3, 5]))
    for kernel in [today, older] {
      let found = try loaded(layer, [5, 1], [kernel], WeightsOrigin(.keras1))
      #expect(found == [[0, 1, 2, 3, 4, 5]])
      let turned = try loaded(
        layer, [5, 1], [kernel], WeightsOrigin(.keras1, turnsKernels: true))
      #expect(turned == [[4, 5, 2, 3, 0, 1]])
    }
    let plane = Conv2D(filters: 1, kernelSize: 2, useBias: false)
    #expect(
      try loaded(
        plane, [4, 4, 1], [counted([2, 2, 1, 1])], WeightsOrigin(.keras2, turnsKernels: true))
        == [[3, 2, 1, 0]])
    // Depthwise ones Keras turned itself.
    let depthwise = DepthwiseConv2D(kernelSize: 2, useBias: false)
    #expect(
      try loaded(
        depthwise, [4, 4, 1], [counted([2, 2, 1, 1])], WeightsOrigin(.keras2, turnsKernels: true))
        == [[0, 1, 2, 3]])
  }

  @Test func `Kernels whose channels came first go last`() throws {
    let layer = Conv2D(
      filters: 2, kernelSize: [1, 3], dataFormat: .channelsFirst, useBias: false)
    let found = try loaded(layer, [1, 4, 4], [counted([2, 1, 1, 3])], WeightsOrigin(.keras1))
    #expect(found == [[0, 3, 1, 4, 2, 5]])
  }

  @Test func `Keras 0's deviation becomes the variance that gives the same`() throws {
    let arrays = [counted([1]), counted([1]), counted([1]), Tensor([1], [Float(2)])]
    let layer = BatchNormalization(epsilon: 0.5)
    let origin = WeightsOrigin(.keras1, isNameless: true)
    // √(5.75 + 0.5) is 2 + 0.5.
    #expect(try loaded(layer, [1], arrays, origin).last == [5.75])
    #expect(try loaded(layer, [1], arrays, WeightsOrigin(.keras1)).last == [2])
  }

  @Test func `The one group of a Graph model of Keras 0 is divided among its layers`() throws {
    let graph = try graph([Dense(2), GRU(1, resetAfter: false)], [3, 1])
    let gates = (0..<3).flatMap { _ in [counted([2, 1]), counted([1, 1]), counted([1])] }
    let weights = ([counted([1, 2]), counted([2])] + gates).enumerated().map {
      Weight(name: "param_\($0)", tensor: $1)
    }
    let origin = WeightsOrigin(.keras1, isNameless: true)
    let report = try graph.loadWeights(
      [LayerWeights(name: "graph", weights: weights)], of: origin, into: Variables())
    #expect(report.loaded.map(\.layer) == ["dense", "gru"])
    #expect(throws: ModelGraphError.self) {
      try graph.loadWeights(
        [LayerWeights(name: "graph", weights: weights.dropLast())], of: origin, into: Variables())
    }
  }

  @Test func `Keras 1 is told from what its names end in`() {
    func origin(_ names: [String], backend: String? = nil) -> WeightsOrigin {
      let weights = names.map { Weight(name: $0, tensor: Tensor([1], [Float(0)])) }
      return Checkpoint(
        dialect: .keras1, backend: backend, layers: [LayerWeights(name: "a", weights: weights)]
      ).weightsOrigin
    }
    #expect(origin(["a_W", "a_b"]) == WeightsOrigin(.keras1, turnsKernels: true))
    #expect(origin(["a_W:0", "a_b:0"]) == WeightsOrigin(.keras1))
    #expect(origin(["param_0"]) == WeightsOrigin(.keras1, isNameless: true, turnsKernels: true))
    #expect(origin(["a/kernel", "a/bias"]) == WeightsOrigin(.keras1))
    #expect(origin(["param_0"], backend: "tensorflow") == WeightsOrigin(.keras1, isNameless: true))
  }

  /// Arrays that hold nothing may claim extents whose product no machine counts.
  @Test(arguments: [
    [0, 1 << 40, 1 << 40, 1 << 40], [0, 1, 1 << 40, 1 << 40], [0, 0, 0, 1], [0], [],
  ])
  func `Arrays of absurd shapes are refused`(extents: [Int]) {
    let shape = Shape(extents)
    let tensor = Tensor(shape, [Float](repeating: 0, count: shape.count))
    let layers: [(any Layer, [Int])] = [
      (Conv1D(filters: 1, kernelSize: 1), [3, 1]), (Conv2D(filters: 1, kernelSize: 1), [3, 3, 1]),
      (Conv2DTranspose(filters: 1, kernelSize: 1), [3, 3, 1]), (LSTM(1), [3, 1]),
      (GRU(1), [3, 1]), (BatchNormalization(), [1]),
      (SeparableConv2D(filters: 1, kernelSize: 1, dataFormat: .channelsFirst), [1, 3, 3]),
    ]
    for (layer, shape) in layers {
      for count in [1, 2, 3, 4, 9, 12] {
        #expect(throws: ModelGraphError.self) {
          _ = try loaded(
            layer, shape, .init(repeating: tensor, count: count),
            WeightsOrigin(.keras1, isNameless: true, turnsKernels: true))
        }
      }
    }
  }

  @Test func `Branches that are joined themselves, and constraints, are read in Keras 1's words`()
    throws
  {
    func dense(_ name: String, _ input: Int) -> JSON {
      [
        "class_name": "Dense",
        "config": [
          "name": .string(name), "output_dim": 2, "batch_input_shape": [nil, .int(input)],
          "W_constraint": ["name": "MaxNorm", "m": 2, "axis": 0],
        ],
      ]
    }
    func chain(_ entries: [JSON]) -> JSON {
      ["class_name": "Sequential", "config": .array(entries)]
    }
    func merge(_ name: String, _ branches: [JSON]) -> JSON {
      [
        "class_name": "Merge",
        "config": [
          "name": .string(name), "mode": "concat", "mode_type": "raw", "concat_axis": -1,
          "layers": .array(branches),
        ],
      ]
    }
    let inner = chain([merge("merge_1", [chain([dense("a", 3)]), chain([dense("b", 4)])])])
    let model = chain([merge("merge_2", [inner, chain([dense("c", 5)])]), dense("d", 6)])
    let graph = try Graph(modelConfig: model, dialect: .keras1)
    #expect(graph.inputs.count == 3)
    #expect(
      graph.layers.map(\.name) == [
        "a_input", "a", "b_input", "b", "merge_1", "c_input", "c", "merge_2", "d",
      ])
    #expect(try graph.built().outputShapes == [[nil, 2]])
    let constraint = (graph.layers[1] as? Dense)?.kernel.constraint?.json
    #expect(constraint == ["class_name": "MaxNorm", "config": ["max_value": 2, "axis": 0]])
  }

  /// Two layers of the same shapes in a model in a model.
  private func nested(frozen: Bool) throws -> BuiltGraph {
    func dense(_ name: String, trainable: Bool = true) -> JSON {
      [
        "class_name": "Dense",
        "config": [
          "name": .string(name), "trainable": .bool(trainable), "units": 2, "use_bias": false,
          "batch_input_shape": [nil, 2],
        ],
      ]
    }
    let inner: JSON = [
      "class_name": "Sequential",
      "config": [
        "name": "inner", "layers": [dense("a", trainable: !frozen), dense("b")],
      ],
    ]
    let model: JSON = [
      "class_name": "Sequential", "config": ["name": "outer", "layers": [inner, dense("c")]],
    ]
    return try Graph(modelConfig: model, dialect: .keras2).built()
  }

  @Test(arguments: [true, false])
  func `What is frozen inside a model stands last, and a thawed twin finds its own by their names`(
    frozen: Bool
  ) throws {
    let stored = [
      LayerWeights(
        name: "inner",
        weights: ["b/kernel:0", "a/kernel:0"].enumerated().map {
          Weight(name: $1, tensor: counted([2, 2], from: 10 * $0))
        }),
      LayerWeights(
        name: "c", weights: [Weight(name: "c/kernel:0", tensor: counted([2, 2], from: 20))]),
    ]
    let graph = try nested(frozen: frozen)
    let variables = Variables()
    let report = try graph.loadWeights(stored, of: WeightsOrigin(.keras2), into: variables)
    #expect(variables.tensor("inner/b/kernel") == counted([2, 2]))
    #expect(variables.tensor("inner/a/kernel") == counted([2, 2], from: 10))
    #expect(variables.tensor("c/kernel") == counted([2, 2], from: 20))
    // Keras puts one layer's weights into the other without a word.
    #expect(report.notes.count == (frozen ? 0 : 1))
    #expect(report.notes.allSatisfy { $0.contains("\"inner\" in another order") })
  }
}
