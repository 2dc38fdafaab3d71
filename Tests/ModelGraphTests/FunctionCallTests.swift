import Engine
import KerasCheckpoint
import ModelGraph
import Testing

/// Functions that a model calls without a layer, where there is something to refuse.
@Suite struct FunctionCallTests {
  /// A model of one input `[N, 4, 3]` and a function of Keras 2.
  private func graph(
    _ function: String, _ node: String, className: String = "TFOpLambda"
  ) throws -> Graph {
    try Graph(
      modelConfig: JSON(
        parsing: """
          {"class_name": "Functional", "config": {"name": "f", "layers": [
            {"class_name": "InputLayer", "name": "a", "inbound_nodes": [],
             "config": {"name": "a", "batch_input_shape": [null, 4, 3]}},
            {"class_name": "\(className)", "name": "op", "inbound_nodes": [\(node)],
             "config": {"name": "op", "trainable": true, "dtype": "float32", "function": "\(function)"}}],
           "input_layers": [["a", 0, 0]], "output_layers": [["op", 0, 0]]}}
          """), dialect: .keras2)
  }

  private func refusal(_ function: String, _ node: String) throws -> ModelGraphError? {
    let graph = try graph(function, node)
    return #expect(throws: ModelGraphError.self) { try graph.built() }
  }

  @Test func `A function that Keratin does not have is named with its layer and what to do`() throws
  {
    let error = try refusal("signal.fft", #"["a", 0, 0, {"name": null}]"#)
    #expect(error?.kind == .unsupportedFunction("signal.fft"))
    #expect(
      error?.description
        == "layer \"op\" (TFOpLambda): the function \"signal.fft\" is not supported yet, so the model "
        + "can be inspected but not run; replace it by a layer of Keras that does the same, or run the "
        + "model with Keras")
    #expect(try Summary(graph("signal.fft", #"["a", 0, 0, {}]"#)).text.contains("op (TFOpLambda)"))
  }

  @Test func `A call whose tensors the file has lost is refused`() throws {
    // What tf_keras writes for einsum has the equation alone.
    let error = try refusal("einsum", #"["_CONSTANT_VALUE", -1, "ab,b->a", {}]"#)
    #expect(error?.location.layer == "op")
    #expect(error?.isUnsupported == true)
  }

  @Test(arguments: [
    ("reshape", #"{"shape": [5, -1]}"#), ("reshape", #"{"shape": [-1, -1]}"#),
    ("reshape", #"{"shape": [-1, 4294967296, 4294967296]}"#), ("reshape", #"{"shape": "wide"}"#),
    ("reshape", #"{"shape": [["a", 0, 0], 2]}"#),
    ("compat.v1.transpose", #"{"perm": [0, 0, 1]}"#),
    ("compat.v1.transpose", #"{"perm": [0, 9, 1]}"#),
    ("expand_dims", #"{"axis": 7}"#), ("compat.v1.squeeze", #"{"axis": 1}"#),
    ("math.reduce_mean", #"{"axis": 5}"#), ("math.reduce_mean", #"{"axis": [1, 1]}"#),
    ("split", #"{"num_or_size_splits": 5, "axis": 1}"#), ("split", #"{"num_or_size_splits": 0}"#),
    ("split", #"{"num_or_size_splits": [9, -1], "axis": 1}"#),
    ("tile", #"{"multiples": [1, 4294967296, 1]}"#), ("tile", #"{"multiples": [1]}"#),
    ("compat.v1.pad", #"{"paddings": [[0, 0], [-1, 1], [0, 0]]}"#),
    ("compat.v1.pad", #"{"paddings": [[0, 0]]}"#),
    ("compat.v1.pad", #"{"paddings": [[0, 0], [0, 0], [1, 1]], "mode": "REFLECT"}"#),
    ("__operators__.add", "{}"), ("__operators__.add", #"{"y": "one"}"#),
    ("__operators__.add", #"{"y": [1, 2]}"#), ("__operators__.add", #"{"y": [[1], [1, 2]]}"#),
    ("clip_by_value", #"{"clip_value_min": "low"}"#), ("cast", #"{"dtype": "string"}"#),
    ("image.resize", #"{"size": [2, 2]}"#), ("linalg.matmul", #"{"b": [[1, 2], [3, 4]]}"#),
  ])
  func `Arguments that make no sense name the layer`(function: String, arguments: String) throws {
    let error = try refusal(function, #"["a", 0, 0, \#(arguments)]"#)
    #expect(error?.location.layer == "op", "\(function)")
  }

  @Test(arguments: [
    "[4294967296]", "7", "[null, null, null, null, 1, 1, 1, 1, 1]", #"[{"start": "one"}]"#,
    #"[{"start": null, "stop": null, "step": 0}]"#, #"["x"]"#, "[0, 9]",
  ])
  func `Places that a tensor does not have are refused`(spec: String) throws {
    let graph = try graph(
      "__operators__.getitem", #"["a", 0, 0, {"slice_spec": \#(spec == "7" ? "[0, 7]" : spec)}]"#,
      className: "SlicingOpLambda")
    let error = #expect(throws: ModelGraphError.self) { try graph.built() }
    #expect(error?.location.layer == "op", "\(spec)")
  }

  @Test func `A size that is not known stays unknown, and one that is stays known`() throws {
    func shape(_ function: String, _ arguments: String) throws -> LayerShape {
      try graph(function, #"["a", 0, 0, \#(arguments)]"#).built().outputShapes[0]
    }
    #expect(try shape("reshape", #"{"shape": [-1, 12]}"#) == [nil, 12])
    #expect(try shape("compat.v1.transpose", #"{"perm": [2, 0, 1]}"#) == [3, nil, 4])
    #expect(try shape("math.reduce_mean", #"{"axis": [0]}"#) == [4, 3])
    #expect(try shape("__operators__.add", #"{"y": [1, 2, 3]}"#) == [nil, 4, 3])
  }
}
