import KerasCheckpoint
import ModelGraph
import Tensors
import Testing

/// Configurations that are broken or ask for too much.
@Suite struct HostileConfigTests {
  private func graph(_ text: String) throws -> Graph { try Graph(modelConfig: JSON(parsing: text)) }

  private func sequential(_ layers: String) -> String {
    #"{"class_name": "Sequential", "config": {"name": "m", "layers": [\#(layers)]}}"#
  }

  private func dense(_ more: String, name: String = "d") -> String {
    #"{"class_name": "Dense", "config": {"name": "\#(name)", \#(more)}}"#
  }

  /// A Functional model of layers with what each takes.
  private func functional(_ layers: [(name: String, takes: [String])], output: String) -> String {
    let entries = layers.map { name, takes in
      let nodes =
        takes.isEmpty
        ? "[]" : "[[" + takes.map { #"["\#($0)", 0, 0, {}]"# }.joined(separator: ",") + "]]"
      let (type, config) =
        takes.isEmpty
        ? ("InputLayer", #""batch_input_shape": [null, 3]"#) : ("Dense", #""units": 2"#)
      return """
        {"class_name": "\(type)", "name": "\(name)",
         "config": {"name": "\(name)", \(config)}, "inbound_nodes": \(nodes)}
        """
    }
    return """
      {"class_name": "Functional", "config": {"name": "f", "layers": [\(entries.joined(separator: ","))],
       "input_layers": [["a", 0, 0]], "output_layers": [["\(output)", 0, 0]]}}
      """
  }

  @Test func `what is no model is refused`() {
    #expect(throws: error(.notAModel(found: "a list"))) { try graph("[1]") }
    #expect(throws: error(.notAModel(found: "the class \"Thing\""))) {
      try graph(#"{"class_name": "Thing", "config": {}}"#)
    }
    #expect(throws: error(.missingKey, key: "layers")) {
      try graph(#"{"class_name": "Sequential", "config": {}}"#)
    }
    #expect(throws: error(.noLayers)) { try graph(sequential("")) }
  }

  @Test(arguments: [
    (#""units": 0"#, "0"), (#""units": -3"#, "-3"), (#""units": 2.5"#, "2.5"),
    (#""units": "many""#, "\"many\""), (#""units": 1e300"#, "1e+300"),
    (#""units": 9223372036854775807"#, "9223372036854775807"), (#""units": [2]"#, "[2]"),
  ])
  func `sizes must be whole numbers above 0`(setting: String, found: String) {
    let expected = error(
      .wrongValue(expected: "a whole number above 0", found: found), layer: "d", "Dense",
      key: "units")
    #expect(throws: expected) { try graph(sequential(dense(setting))) }
  }

  @Test func `a missing size names layer and key`() {
    let expected = error(.missingKey, layer: "d", "Dense", key: "units")
    #expect(throws: expected) { try graph(sequential(dense(#""use_bias": true"#))) }
    #expect(
      expected.description
        == #"layer "d" (Dense): "units": the key is missing; save the model again"#)
  }

  @Test func `two layers of one name are refused`() {
    let two = [dense(#""units": 2"#), dense(#""units": 2"#)].joined(separator: ",")
    #expect(throws: error(.duplicateLayer, layer: "d")) { try graph(sequential(two)) }
  }

  @Test func `sizes beyond any memory are refused before memory is asked for`() throws {
    let huge = dense(#""units": 2147483647, "batch_input_shape": [null, 2147483647]"#)
    let model = try graph(sequential(huge))
    let expected = error(
      .tooLarge(what: "the weight \"kernel\" of shape (2147483647, 2147483647)"), layer: "d",
      "Dense")
    #expect(throws: expected) { try model.built() }
    let many = (0..<9).map {
      dense(#""units": 20000, "batch_input_shape": [null, 20000]"#, name: "d\($0)")
    }
    #expect(throws: ModelGraphError.self) {
      try graph(sequential(many.joined(separator: ","))).built()
    }
    let flat = """
      {"class_name": "Flatten",
       "config": {"name": "f", "batch_input_shape": [1, 2147483647, 2147483647, 2147483647]}}
      """
    #expect(throws: ModelGraphError.self) { try graph(sequential(flat)).built() }
  }

  @Test(arguments: [
    ("MaxPooling2D", #""pool_size": [2, 2, 2]"#, "pool_size"),
    ("MaxPooling2D", #""pool_size": [2, 0]"#, "pool_size"),
    ("AveragePooling3D", #""pool_size": 2, "strides": "two""#, "strides"),
    ("MaxPooling1D", #""padding": "causal""#, "padding"),
    ("GlobalMaxPooling2D", #""data_format": "channels_middle""#, "data_format"),
    ("AdaptiveMaxPooling1D", #""output_size": [1, 2]"#, "output_size"),
    ("Dot", #""axes": [1, 2, 3]"#, "axes"), ("Dot", #""axes": [1, null]"#, "axes"),
    ("Softmax", #""axis": []"#, "axis"), ("Softmax", #""axis": ["x"]"#, "axis"),
    ("PReLU", #""shared_axes": ["x"]"#, "shared_axes"),
    ("Reshape", #""target_shape": [-1, -1]"#, "target_shape"),
    ("Reshape", #""target_shape": [-2]"#, "target_shape"),
    ("Reshape", #""target_shape": 3"#, "target_shape"),
    ("Permute", #""dims": [1, 3]"#, "dims"), ("Permute", #""dims": []"#, "dims"),
    ("RepeatVector", #""n": 0"#, "n"), ("ZeroPadding2D", #""padding": [1, 2, 3]"#, "padding"),
    ("ZeroPadding2D", #""padding": [[1, 2], [3]]"#, "padding"),
    ("Cropping1D", #""cropping": [-1, 0]"#, "cropping"),
    ("UpSampling2D", #""interpolation": "cubic""#, "interpolation"),
    ("GaussianNoise", #""stddev": -1"#, "stddev"), ("GaussianDropout", #""rate": 2"#, "rate"),
    ("Masking", #""mask_value": "zero""#, "mask_value"), ("Rescaling", #""offset": 1"#, "scale"),
    ("Rescaling", #""scale": [1, [2]]"#, "scale"), ("Rescaling", #""scale": "half""#, "scale"),
    ("Rescaling", #""scale": 1, "offset": []"#, "offset"),
    ("Normalization", #""mean": 1"#, "variance"), ("Normalization", #""variance": [1]"#, "mean"),
    ("Normalization", #""axis": "last""#, "axis"),
    ("Normalization", #""mean": [1, 1e999], "variance": [1, 1]"#, "mean"),
    ("CategoryEncoding", #""output_mode": "count""#, "num_tokens"),
    ("CategoryEncoding", #""num_tokens": 3, "output_mode": "int""#, "output_mode"),
    ("Discretization", #""bin_boundaries": [2, 1]"#, "bin_boundaries"),
    ("Discretization", #""bin_boundaries": []"#, "bin_boundaries"),
    ("Resizing", #""height": 0, "width": 3"#, "height"),
    ("Resizing", #""height": 3, "width": 2147483647"#, "width"),
    ("Resizing", #""height": 3, "width": 3, "interpolation": "cubic""#, "interpolation"),
    ("Resizing", #""height": 3, "width": 3, "fill_mode": "reflect""#, "fill_mode"),
    ("CenterCrop", #""height": 3"#, "width"), ("RandomCrop", #""height": 3"#, "width"),
    ("AutoContrast", #""value_range": [1, 1]"#, "value_range"),
    ("LayerScale", #""init_values": 1, "projection_dim": -1"#, "projection_dim"),
    ("StochasticDepth", #""drop_path_rate": 2"#, "drop_path_rate"),
    ("LSTM", #""units": 2, "recurrent_dropout": 2"#, "recurrent_dropout"),
    ("GRU", #""units": 2, "stateful": "yes""#, "stateful"),
    ("SimpleRNN", #""units": 2, "unroll": []"#, "unroll"), ("LSTMCell", #""units": 0"#, "units"),
    ("RNN", #""return_state": true"#, "cell"), ("RNN", #""cell": "LSTMCell""#, "cell"),
    ("StackedRNNCells", #""cells": []"#, "cells"), ("StackedRNNCells", #""cells": {}"#, "cells"),
    ("StackedRNNCells", #""name": "x""#, "cells"), ("ConvLSTM1D", #""kernel_size": 2"#, "filters"),
    ("ConvLSTM1D", #""filters": 2, "kernel_size": [2, 2]"#, "kernel_size"),
    ("ConvLSTM2D", #""filters": 2, "kernel_size": 2, "padding": "causal""#, "padding"),
    (
      "ConvLSTM2D", #""filters": 2, "kernel_size": 2, "strides": 2, "dilation_rate": 2"#,
      "dilation_rate"
    ),
  ])
  func `a setting that makes no sense names layer and key`(
    className: String, setting: String, key: String
  ) {
    let layer = #"{"class_name": "\#(className)", "config": {"name": "x", \#(setting)}}"#
    let found = #expect(throws: ModelGraphError.self) { try graph(sequential(layer)) }
    #expect(found?.location == .init(layer: "x", className: className, key: key))
  }

  @Test(arguments: [
    ("MaxPooling2D", #""pool_size": 3"#, [2, 9, 1]),
    ("GlobalMaxPooling1D", #""name": "x""#, [0, 2]),
    ("AdaptiveMaxPooling1D", #""output_size": 2"#, [0, 2]),
    ("Reshape", #""target_shape": [4, -1]"#, [6]), ("Reshape", #""target_shape": [0, -1]"#, [6]),
    ("Reshape", #""target_shape": [5]"#, [6]), ("Permute", #""dims": [2, 1]"#, [6]),
    ("Cropping1D", #""cropping": [2, 2]"#, [4, 1]), ("PReLU", #""shared_axes": [3]"#, [4, 5]),
    ("UpSampling1D", #""size": 2147483647"#, [4, 1]), ("Softmax", #""axis": 3"#, [4]),
    ("ZeroPadding1D", #""padding": 2147483647"#, [2_147_483_647, 1]),
    ("Rescaling", #""scale": [1, 2]"#, [3]), ("Rescaling", #""scale": [[[[1]]]]"#, [3]),
    ("Normalization", #""axis": [2]"#, [3]), ("Normalization", #""axis": [1, -1]"#, [3]),
    ("Normalization", #""mean": [1, 2], "variance": [1, 2]"#, [3]),
    ("CategoryEncoding", #""num_tokens": 3"#, [3, 2]),
    ("LayerScale", #""init_values": 1, "projection_dim": 2"#, [3]),
    ("Resizing", #""height": 3, "width": 3"#, [4, 1]),
    ("Resizing", #""height": 3, "width": 3"#, [0, 4, 1]),
    ("CenterCrop", #""height": 3, "width": 3"#, [2_147_483_647, 4, 1]),
    ("RandomFlip", #""mode": "vertical""#, [4]), ("AutoContrast", #""name": "x""#, [4]),
    ("LSTM", #""units": 2"#, [4]), ("LSTM", #""units": 2, "stateful": true"#, [4, 3]),
    ("ConvLSTM1D", #""filters": 2, "kernel_size": 2"#, [4, 3]),
    ("ConvLSTM2D", #""filters": 2, "kernel_size": 9"#, [4, 5, 5, 1]),
    ("RNN", #""cell": {"class_name": "GRUCell", "config": {"units": 2}}"#, [4, 3, 2]),
    (
      "RNN",
      #"""
      "cell": {"class_name": "StackedRNNCells", "config": {"cells": [
        {"class_name": "GRUCell", "config": {"name": "x", "units": 2147483647}},
        {"class_name": "GRUCell", "config": {"name": "y", "units": 2147483647}}]}}
      """#, [4, 3]
    ),
    (
      "TimeDistributed",
      #"""
      "layer": {"class_name": "LSTM", "config": {"name": "l", "units": 2, "stateful": true}}
      """#, [2, 3, 4]
    ),
  ])
  func `data that does not fit a layer names it`(
    className: String, setting: String, shape: [Int]
  ) throws {
    let shape = shape.map(String.init).joined(separator: ",")
    let layer = """
      {"class_name": "\(className)",
       "config": {"name": "x", "batch_input_shape": [null, \(shape)], \(setting)}}
      """
    let model = try graph(sequential(layer))
    let found = #expect(throws: ModelGraphError.self) { try model.built() }
    #expect(found?.location.layer == "x")
  }

  @Test func `layers that wait for each other are refused`() {
    let text = functional([("a", []), ("x", ["a", "y"]), ("y", ["x"])], output: "y")
    #expect(throws: error(.cycle(layers: ["x", "y"]))) { try graph(text) }
    let own = functional([("a", []), ("x", ["x"])], output: "x")
    #expect(throws: error(.cycle(layers: ["x"]))) { try graph(own) }
  }

  @Test func `a connection from nowhere is refused`() {
    let text = functional([("a", []), ("x", ["b"])], output: "x")
    #expect(throws: error(.danglingReference(to: "b"), layer: "x")) { try graph(text) }
    let output = functional([("a", []), ("x", ["a"])], output: "z")
    #expect(throws: error(.danglingReference(to: "z"))) { try graph(output) }
  }

  @Test func `a result that a layer does not have is refused`() throws {
    let text = functional([("a", []), ("x", ["a"]), ("y", ["x"])], output: "y")
      .replacing(#"["x", 0, 0, {}]"#, with: #"["x", 0, 7, {}]"#)
    #expect(throws: error(.danglingReference(to: "x[7]"), layer: "y", "Dense")) {
      try graph(text).built()
    }
  }

  @Test func `an output or a mask that a layer does not have is refused`() throws {
    let text = functional([("a", []), ("x", ["a"])], output: "x")
      .replacing(#""output_layers": [["x", 0, 0]]"#, with: #""output_layers": [["x", 0, 3]]"#)
    #expect(throws: error(.danglingReference(to: "x[3]"))) { try graph(text).built() }
    func tensor(_ output: Int) -> String {
      #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, \#(output)]}}"#
    }
    let masked = functional([("a", []), ("x", ["a"])], output: "x")
      .replacing(
        #"[[["a", 0, 0, {}]]]"#,
        with: #"[{"args": [\#(tensor(0))], "kwargs": {"mask": \#(tensor(1))}}]"#)
    #expect(throws: error(.danglingReference(to: "a[1]"), layer: "x", "Dense")) {
      try graph(masked).built()
    }
  }

  @Test func `a long chain in the wrong order needs no depth`() throws {
    let count = 20_000
    var layers: [(name: String, takes: [String])] = [("a", [])]
    for place in (0..<count).reversed() {
      layers.append(("l\(place)", [place == 0 ? "a" : "l\(place - 1)"]))
    }
    let model = try graph(functional(layers, output: "l\(count - 1)"))
    #expect(model.nodes.count == count + 1)
    #expect(model.layer(of: model.nodes[1]).name == "l0")
  }

  @Test func `Python code is named and never run`() throws {
    let lambda =
      #"{"class_name": "Lambda", "config": {"name": "trick", "function": ["4wEA", null, null]}}"#
    let model = try graph(
      sequential(dense(#""units": 1, "batch_input_shape": [null, 2]"#) + "," + lambda))
    #expect(model.unsupportedLayers.map(\.storedClassName) == ["Lambda"])
    let expected = error(.pythonCode, layer: "trick", "Lambda")
    #expect(throws: expected) { try model.built() }
    #expect(expected.description.contains(#"layer "trick" (Lambda): the layer holds Python code"#))
    #expect(try Summary(model).text.contains("trick (Lambda)"))
  }

  @Test func `a class of another package is not taken for Keras's`() throws {
    let text = sequential(
      """
      {"module": "evil.layers", "class_name": "Dense", "registered_name": "evil>Dense",
       "config": {"name": "d", "units": 3}}
      """)
    let model = try graph(text)
    #expect(throws: error(.unsupportedLayer, layer: "d", "Dense")) {
      try model.built(inputShapes: [[1, 2]])
    }
    // What is not understood is kept as it was.
    #expect(
      model.modelConfig()["config"]?["layers"]?[0]
        == (try JSON(parsing: text))["config"]?["layers"]?[0])
  }

  @Test(arguments: [
    ("Discretization", #""num_bins": 4"#, "bin_boundaries"),
    ("CategoryEncoding", #""num_tokens": 4, "sparse": true"#, "sparse"),
  ])
  func `what can be inspected but not run names layer and key`(
    className: String, setting: String, key: String
  ) throws {
    let layer = """
      {"class_name": "\(className)",
       "config": {"name": "x", "batch_input_shape": [null, 3], \(setting)}}
      """
    let model = try graph(sequential(layer))
    let found = #expect(throws: ModelGraphError.self) { try model.built() }
    #expect(found?.location == .init(layer: "x", className: className, key: key))
    #expect(found?.isUnsupported == true)
  }

  @Test(arguments: ["Hashing", "IntegerLookup", "StringLookup", "TextVectorization"])
  func `layers of words are refused by name`(className: String) throws {
    let layer = #"{"class_name": "\#(className)", "config": {"name": "x", "num_bins": 3}}"#
    let model = try graph(sequential(layer + "," + dense(#""units": 1"#)))
    #expect(throws: error(.unsupportedLayer, layer: "x", className)) {
      try model.built(inputShapes: [[1, 2]])
    }
  }

  @Test(arguments: [
    ("LSTM", #""units": 2, "time_major": true"#, "time_major"),
    ("LSTM", #""units": 2, "activation": "glu""#, "activation"),
    ("GRU", #""units": 2, "recurrent_activation": "mine""#, "recurrent_activation"),
    (
      "RNN", #""num_constants": 1, "cell": {"class_name": "GRUCell", "config": {"units": 2}}"#,
      "num_constants"
    ),
    ("RNN", #""cell": {"class_name": "MinimalRNNCell", "config": {"units": 2}}"#, "cell"),
    ("RNN", #""cell": {"class_name": "Dense", "config": {"units": 2}}"#, "cell"),
    ("StackedRNNCells", #""cells": [{"class_name": "LSTM", "config": {"units": 2}}]"#, "cells"),
    ("Bidirectional", #""layer": {"class_name": "Dense", "config": {"units": 2}}"#, "layer"),
  ])
  func `what a recurrent layer cannot do is named`(
    className: String, setting: String, key: String
  ) throws {
    let layer = #"{"class_name": "\#(className)", "config": {"name": "x", \#(setting)}}"#
    let model = try graph(sequential(layer))
    let reason = try #require(model.unsupportedLayers.first).reason
    #expect(reason.location == .init(layer: "x", className: className, key: key))
  }

  @Test func `two cells of one name are refused, since their weights would be one`() {
    let cell = #"{"class_name": "GRUCell", "config": {"name": "c", "units": 2}}"#
    let layer =
      #"{"class_name": "StackedRNNCells", "config": {"cells": [\#(cell), \#(cell)]}}"#
    let found = #expect(throws: ModelGraphError.self) { try graph(sequential(layer)) }
    #expect(found?.kind == .duplicateLayer)
  }

  @Test func `a layer of several results ends a Sequential or is refused`() throws {
    let lstm = #"""
      {"class_name": "LSTM", "config": {"name": "l", "units": 2, "return_state": true,
       "batch_input_shape": [null, 4, 3]}}
      """#
    #expect(try graph(sequential(lstm)).built().outputShapes == [[nil, 2], [nil, 2], [nil, 2]])
    let expected = error(.inputCount(expected: 1, found: 3), layer: "d", "Dense")
    #expect(throws: expected) {
      try graph(sequential(lstm + "," + dense(#""units": 2"#))).built()
    }
  }

  @Test func `an option that is not supported is named`() throws {
    let text = sequential(
      #"{"class_name": "LSTM", "config": {"name": "l", "units": 2, "time_major": true}}"#)
    #expect(
      throws: error(
        .unsupportedOption(value: "time_major = true"), layer: "l", "LSTM", key: "time_major")
    ) { try graph(text).built(inputShapes: [[1, 2, 3]]) }
  }
}
