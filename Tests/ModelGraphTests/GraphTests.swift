import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing

@Suite struct GraphTests {
  @Test func `layers without a name get Keras's`() throws {
    let graph = try Graph(sequential: [
      Embedding(inputDim: 5, outputDim: 2), Conv1D(filters: 2, kernelSize: 1),
      BatchNormalization(), LSTM(2, returnSequences: true), GlobalMaxPooling1D(),
      Dense(1), Dense(1, name: "dense_1"), Dense(1), ActivationLayer(.relu),
    ])
    #expect(
      graph.layers.map(\.name) == [
        "input_layer", "embedding", "conv1d", "batch_normalization", "lstm",
        "global_max_pooling1d", "dense", "dense_1", "dense_2", "activation",
      ])
    #expect(graph.name == "sequential")
  }

  @Test func `the review classifier has the parameters that Keras counts`() throws {
    let graph = try Graph(sequential: Models.reviewClassifier()).built(inputShapes: [[32, 200]])
    #expect(graph.variables.reduce(0) { $0 + $1.spec.shape.count } == 2_789_889)
    #expect(
      graph.variables.map(\.name) == [
        "embedding/embeddings", "conv1d/kernel", "conv1d/bias", "dense/kernel", "dense/bias",
        "dense_1/kernel", "dense_1/bias",
      ])
    #expect(
      graph.shapes.map { $0[0].description } == [
        "(None, 200)", "(None, 200, 256)", "(None, 200, 256)", "(None, 198, 256)", "(None, 256)",
        "(None, 128)", "(None, 128)", "(None, 1)",
      ])
    #expect(graph.inputTypes([[32, 200]]) == [TensorType([32, 200], .int32)])
  }

  @Test func `a model whose input is not known cannot be built without data`() throws {
    let graph = try Graph(sequential: [Dense(1)])
    #expect(graph.isDeferred)
    #expect(throws: error(.unknownInputShape, layer: "input_layer", "InputLayer")) {
      try graph.built()
    }
    let built = try graph.built(inputShapes: [[8, 3]])
    #expect(built.inputShapes == [[nil, 3]])
  }

  @Test func `data of another shape than the model's is refused`() throws {
    let graph = try Graph(sequential: [InputLayer(shape: [4]), Dense(1)])
    #expect(!graph.isDeferred)
    let refusal = error(
      .inputShape(expected: "shape (None, 4)", found: [8, 3]), layer: "input_layer", nil)
    #expect(throws: refusal) { try graph.built(inputShapes: [[8, 3]]) }
    let builder = ProgramBuilder()
    let input = builder.input("x", TensorType([8, 3]))
    #expect(throws: ModelGraphError.self) {
      try graph.built().trace(builder, inputs: [input], mode: .inference)
    }
  }

  @Test func `frozen layers and statistics are not trained`() throws {
    let graph = try Graph(sequential: [
      InputLayer(shape: [4]), Dense(3, trainable: false), BatchNormalization(), Dense(1),
    ]).built()
    #expect(
      graph.trainedVariables.map(\.name) == [
        "batch_normalization/gamma", "batch_normalization/beta", "dense_1/kernel", "dense_1/bias",
      ])
  }

  @Test func `dropout draws other numbers in each layer and each step, and the same for a seed`()
    throws
  {
    let graph = try Graph(sequential: [InputLayer(shape: [64]), Dropout(0.5), Dropout(0.5)]).built()
    let builder = ProgramBuilder()
    let input = builder.input("x", TensorType([4, 64]))
    let result = try graph.trace(builder, inputs: [input], mode: .training)
    builder.output("y", result[0].value)
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    try session.setInput(0, Tensor([4, 64], [Float](repeating: 1, count: 256)))
    func output(step: UInt64) throws -> Tensor {
      try session.run(seed: 3, step: step)
      return session.output("y")
    }
    let first = try output(step: 1)
    #expect(try output(step: 1) == first)
    #expect(try output(step: 2) != first)
    // Were both layers' numbers the same, half of the elements would be left, not a quarter.
    let kept = first.scalars.floats.count { $0 != 0 }
    #expect((32...96).contains(kept), "\(kept) of 256")
  }

  @Test func `unknown keys survive`() throws {
    let config = try JSON(
      parsing: """
        {"class_name": "Sequential", "config": {"name": "m", "colour": "red", "layers": [
          {"class_name": "Dense", "config": {"name": "d", "units": 2, "taste": [1, null],
           "batch_input_shape": [null, 3], "kernel_initializer": "he_normal"}}]}}
        """)
    let graph = try Graph(modelConfig: config, dialect: .keras2)
    let written = graph.modelConfig()
    #expect(written["config"]?["colour"] == "red")
    let dense = try #require(written["config"]?["layers"]?[1]?["config"])
    #expect(dense["taste"] == [1, nil])
    #expect(dense["batch_input_shape"] == nil)
    #expect(dense["kernel_initializer"]?["class_name"] == "HeNormal")
    #expect(written["config"]?["layers"]?[0]?["config"]?["batch_shape"] == [nil, 3])
  }

  @Test func `Keras 1's words are understood`() throws {
    let config = try JSON(
      parsing: """
        {"class_name": "Sequential", "config": [
          {"class_name": "Convolution1D", "config": {"name": "c", "nb_filter": 4, "filter_length": 3,
           "border_mode": "same", "subsample_length": 2, "init": "glorot_uniform", "bias": true,
           "activation": "relu", "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5},
           "batch_input_shape": [null, 9, 2], "input_dtype": "float32", "input_dim": 2}},
          {"class_name": "LSTM", "config": {"name": "l", "output_dim": 3, "init": "he_normal",
           "inner_init": "orthogonal", "forget_bias_init": "one", "activation": "tanh",
           "inner_activation": "hard_sigmoid", "dropout_W": 0.1, "dropout_U": 0.2,
           "consume_less": "cpu", "return_sequences": false, "go_backwards": false}},
          {"class_name": "Dropout", "config": {"name": "p", "p": 0.25}}]}
        """)
    let graph = try Graph(modelConfig: config, dialect: .keras1)
    let conv = try #require(graph.layers[1] as? ModelGraph.Conv1D)
    let settings = conv.convolution
    #expect(
      settings.filters == 4 && settings.windows.strides == [2]
        && settings.windows.padding == .same)
    #expect(settings.kernel.regularizer?.factors == .init(l1: 0, l2: 0.5))
    let lstm = try #require(graph.layers[2] as? ModelGraph.LSTM)
    let cell = lstm.cell.options
    #expect(cell.units == 3 && cell.dropout == 0.1 && cell.recurrentDropout == 0.2)
    #expect(lstm.cell.recurrentActivation.function == .hardSigmoidKeras2)
    #expect((graph.layers[3] as? ModelGraph.Dropout)?.rate == 0.25)
    #expect(try graph.built().outputShapes == [[nil, 3]])
  }
}

@Suite struct InitialStateTests {
  /// A layer on x with the states h and c, as `call` passes them.
  private func takes(_ className: String, _ call: String, dialect: Dialect) throws -> [String] {
    func input(_ name: String, _ shape: String) -> String {
      """
      {"class_name": "InputLayer", "name": "\(name)", "inbound_nodes": [],
       "config": {"name": "\(name)", "batch_input_shape": \(shape)}}
      """
    }
    let config = try JSON(
      parsing: """
        {"class_name": "Functional", "config": {"name": "f", "layers": [
          \(input("h", "[null, 2]")), \(input("c", "[null, 2]")), \(input("x", "[null, 4, 3]")),
          {"class_name": "\(className)", "name": "r", "config": {"name": "r", "units": 2},
           "inbound_nodes": [\(call)]}],
         "input_layers": [["x", 0, 0], ["h", 0, 0], ["c", 0, 0]], "output_layers": [["r", 0, 0]]}}
        """)
    let graph = try Graph(modelConfig: config, dialect: dialect)
    _ = try graph.built()
    let node = try #require(graph.nodes.last)
    return node.inputs.map { graph.layer(of: graph.nodes[$0.node]).name }
  }

  @Test func `initial states are read in the words of every generation`() throws {
    func today(_ name: String) -> String {
      #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["\#(name)", 0, 0]}}"#
    }
    let (x, h, c) = (today("x"), today("h"), today("c"))
    for (call, dialect) in [
      (#"[["x", 0, 0, {}], ["h", 0, 0, {}], ["c", 0, 0, {}]]"#, Dialect.keras2),
      (#"[["x", 0, 0, {"initial_state": [["h", 0, 0], ["c", 0, 0]]}]]"#, .keras2),
      (#"{"args": [\#(x)], "kwargs": {"initial_state": [\#(h), \#(c)]}}"#, .keras3),
      (#"{"args": [\#(x), [\#(h), \#(c)]], "kwargs": {"mask": null}}"#, .keras3),
    ] {
      #expect(try takes("LSTM", call, dialect: dialect) == ["x", "h", "c"], "\(call)")
    }
    for (call, dialect) in [
      (#"[["x", 0, 0, {}], ["h", 0, 0, {}]]"#, Dialect.keras2),
      (#"[["x", 0, 0, {"initial_state": ["h", 0, 0]}]]"#, .keras2),
      (#"{"args": [\#(x)], "kwargs": {"initial_state": \#(h)}}"#, .keras3),
      (#"{"args": [\#(x), \#(h)], "kwargs": {}}"#, .keras3),
    ] {
      #expect(try takes("GRU", call, dialect: dialect) == ["x", "h"], "\(call)")
      #expect(throws: ModelGraphError.self) { try takes("LSTM", call, dialect: dialect) }
    }
  }
}

@Suite struct EarlyKerasTests {
  @Test func `Keras 1's words for images are understood`() throws {
    let config = try JSON(
      parsing: """
        {"class_name": "Sequential", "config": [
          {"class_name": "ZeroPadding2D", "config": {"name": "z", "padding": [1, 2],
           "dim_ordering": "th", "batch_input_shape": [null, 3, 8, 9]}},
          {"class_name": "MaxPooling2D", "config": {"name": "m", "pool_size": [2, 3],
           "strides": [2, 2], "border_mode": "same", "dim_ordering": "th"}},
          {"class_name": "UpSampling2D", "config": {"name": "u", "size": [2, 1], "dim_ordering": "th"}},
          {"class_name": "SpatialDropout2D", "config": {"name": "s", "p": 0.25, "dim_ordering": "th"}},
          {"class_name": "BatchNormalization", "config": {"name": "b", "mode": 0, "axis": 1,
           "momentum": 0.9, "epsilon": 1e-6, "gamma_regularizer": null}},
          {"class_name": "LeakyReLU", "config": {"name": "l", "alpha": 0.1}},
          {"class_name": "ThresholdedReLU", "config": {"name": "t", "theta": 0.5}},
          {"class_name": "GlobalAveragePooling2D", "config": {"name": "g", "dim_ordering": "th"}},
          {"class_name": "GaussianNoise", "config": {"name": "n", "sigma": 0.5}},
          {"class_name": "RepeatVector", "config": {"name": "r", "n": 6}},
          {"class_name": "MaxPooling1D", "config": {"name": "p", "pool_length": 3, "stride": 2,
           "border_mode": "valid"}},
          {"class_name": "UpSampling1D", "config": {"name": "v", "length": 2}}]}
        """)
    let graph = try Graph(modelConfig: config, dialect: .keras1)
    let shapes = try graph.built().shapes.map { $0[0] }
    #expect(
      shapes == [
        [nil, 3, 8, 9], [nil, 3, 10, 13], [nil, 3, 5, 7], [nil, 3, 10, 7], [nil, 3, 10, 7],
        [nil, 3, 10, 7], [nil, 3, 10, 7], [nil, 3, 10, 7], [nil, 3], [nil, 3], [nil, 6, 3],
        [nil, 2, 3], [nil, 4, 3],
      ])
    let slopes = graph.layers.compactMap { ($0 as? any FunctionLayer)?.function }
    #expect(
      slopes == [
        .relu(negativeSlope: 0.1, maximum: nil, threshold: 0),
        .relu(negativeSlope: 0, maximum: nil, threshold: 0.5),
      ])
    #expect((graph.layers[9] as? GaussianNoise)?.deviation == 0.5)
  }

  @Test(
    arguments: [
      ("MaxPool2D", "MaxPooling2D"), ("AvgPool3D", "AveragePooling3D"),
      ("GlobalMaxPool2D", "GlobalMaxPooling2D"), ("GlobalAvgPool1D", "GlobalAveragePooling1D"),
    ])
  func `a layer's other names are understood`(name: String, className: String) throws {
    let config = try JSON(
      parsing: """
        {"class_name": "Sequential", "config": {"name": "m", "layers": [
          {"class_name": "\(name)", "config": {"name": "x"}}]}}
        """)
    #expect(try Graph(modelConfig: config).layers[1].displayClassName == className)
  }

  @Test(arguments: ["kernel_regularizer", "kernel_constraint", "activity_regularizer"])
  func `a model with what nobody knows of a weight is run and not trained`(key: String) throws {
    let config = try JSON(
      parsing: """
        {"class_name": "Sequential", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "name": "x"}},
          {"class_name": "Dense", "config": {
            "name": "y", "units": 2, "\(key)": {"class_name": "Mine", "config": {}}}}]}}
        """)
    let graph = try Graph(modelConfig: config).built()
    func trace(_ mode: Mode) throws {
      let builder = ProgramBuilder()
      _ = try graph.trace(builder, inputs: [builder.input("x", TensorType([2, 3]))], mode: mode)
    }
    try trace(.inference)
    let refusal = #expect(throws: ModelGraphError.self) { try trace(.training) }
    #expect("\(refusal.map { "\($0)" } ?? "")".contains("Mine"))
  }
}

/// An error as the module throws it.
func error(
  _ kind: ModelGraphError.Kind, layer: String? = nil, _ className: String? = nil,
  key: String? = nil
) -> ModelGraphError {
  ModelGraphError(kind, at: .init(layer: layer, className: className, key: key))
}
