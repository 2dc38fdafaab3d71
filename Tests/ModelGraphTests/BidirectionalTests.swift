import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing

@Suite struct BidirectionalTests {
  private func graph(_ settings: String, dialect: Dialect = .keras3) throws -> Graph {
    try Graph(
      modelConfig: JSON(
        parsing: """
          {"class_name": "Sequential", "config": {"name": "m", "layers": [
            {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 5, 3]}},
            {"class_name": "Bidirectional", "config": {"name": "b", \(settings)}}]}}
          """), dialect: dialect)
  }

  private func layer(
    _ name: String, _ more: String = "", className: String = "GRU", units: Int = 2
  ) -> String {
    #"{"class_name": "\#(className)", "config": {"name": "\#(name)", "units": \#(units)\#(more)}}"#
  }

  private func names(_ graph: Graph) throws -> [String] { try graph.built().variables.map(\.name) }

  @Test func `weights bear the names of both layers, the forward one's first`() throws {
    let names = try names(
      Graph(sequential: [InputLayer(shape: [5, 3]), Bidirectional(LSTM(2, useBias: false))]))
    #expect(
      names == [
        "bidirectional/forward_lstm/lstm_cell/kernel",
        "bidirectional/forward_lstm/lstm_cell/recurrent_kernel",
        "bidirectional/backward_lstm/lstm_cell/kernel",
        "bidirectional/backward_lstm/lstm_cell/recurrent_kernel",
      ])
  }

  @Test func `Keras 2 writes one layer under its own name, Keras 3 both under theirs`() throws {
    let keras2 = try graph(#""layer": \#(layer("g"))"#, dialect: .keras2)
    #expect(try names(keras2).map { $0.split(separator: "/")[1] }.first == "forward_g")
    #expect(try names(keras2).map { $0.split(separator: "/")[1] }.last == "backward_g")
    let both = #""layer": \#(layer("forward_g")), "backward_layer": "#
    let keras3 = try graph(both + layer("other", #", "go_backwards": true"#))
    #expect(try names(keras3).first?.hasPrefix("b/forward_g/") == true)
    #expect(try names(keras3).last?.hasPrefix("b/other/") == true)
    let older = try graph(
      #""layer": \#(layer("g")), "backward_layer": \#(layer("h", #", "go_backwards": true"#))"#,
      dialect: .keras2)
    #expect(try names(older).last?.hasPrefix("b/backward_h/") == true)
    // What is written is read as it was.
    for graph in [keras2, keras3, older] {
      let again = try Graph(modelConfig: graph.modelConfig())
      #expect(again.modelConfig() == graph.modelConfig())
      #expect(try names(again) == names(graph))
    }
  }

  @Test func `no merge mode means outputs side by side, and null two of them`() throws {
    #expect(try graph(#""layer": \#(layer("g"))"#).built().outputShapes == [[nil, 4]])
    let two = Bidirectional(GRU(2, returnState: true), mergeMode: nil)
    #expect(try two.outputShapes([[nil, 5, 3]]) == [[nil, 2], [nil, 2], [nil, 2], [nil, 2]])
    #expect(
      try graph(#""layer": \#(layer("g")), "merge_mode": null"#).layers[1].settings["merge_mode"]
        == .null)
    #expect(
      throws: error(
        .wrongValue(
          expected: #"one of "concat", "sum", "mul", "ave""#, found: #""max""#), layer: "b",
        "Bidirectional", key: "merge_mode")
    ) { try graph(#""layer": \#(layer("g")), "merge_mode": "max""#) }
  }

  @Test func `layers that do not belong together are refused`() throws {
    func refusal(_ backward: String) -> ModelGraphError? {
      #expect(throws: ModelGraphError.self) {
        try graph(#""layer": \#(layer("g")), "backward_layer": \#(backward)"#).built()
      }
    }
    #expect(
      refusal(layer("h"))
        == error(
          .wrongValue(expected: "go_backwards = true", found: "false"), layer: "b",
          "Bidirectional", key: "backward_layer"))
    #expect(
      refusal(layer("h", #", "go_backwards": true, "return_sequences": true"#))
        == error(
          .wrongValue(expected: "return_sequences = false", found: "true"), layer: "b",
          "Bidirectional", key: "backward_layer"))
    // Side by side they may have other units, added up they may not.
    let other = GRU(3, goBackwards: true)
    #expect(
      try Bidirectional(GRU(2), backwardLayer: other).outputShapes([[nil, 5, 3]]) == [[nil, 5]])
    #expect(throws: ModelGraphError.self) {
      try Bidirectional(GRU(2), mergeMode: .sum, backwardLayer: other).outputShapes([[nil, 5, 3]])
    }
  }

  @Test func `what the layer inside cannot do, the layer around it cannot`() throws {
    #expect(throws: error(.missingKey, layer: "b", "Bidirectional", key: "layer")) {
      try graph(#""merge_mode": "sum""#)
    }
    func reason(_ settings: String) throws -> ModelGraphError? {
      try graph(settings).unsupportedLayers.first?.reason
    }
    #expect(
      try reason(#""layer": \#(layer("g", #", "time_major": true"#))"#)
        == error(
          .unsupportedOption(value: "time_major = true"), layer: "b", "Bidirectional",
          key: "time_major"))
    #expect(
      try reason(#""layer": \#(layer("g", className: "Dense"))"#)
        == error(
          .unsupportedOption(value: "a wrapped layer of class Dense"), layer: "b",
          "Bidirectional", key: "layer"))
    #expect(try reason(#""layer": \#(layer("g", className: "ConvLSTM4D"))"#) != nil)
  }

  @Test func `each of the two layers drops inputs of its own`() throws {
    let graph = try Graph(sequential: [
      InputLayer(shape: [4, 50]), Bidirectional(SimpleRNN(1, dropout: 0.5)),
    ]).built()
    let builder = ProgramBuilder()
    let x = builder.input("x", graph.inputTypes([[1, 4, 50]])[0])
    _ = try graph.trace(builder, inputs: [x], mode: .training)
    let draws = "\(builder.program)".split(separator: "\n").filter { $0.contains("dropout") }
      .compactMap { $0.split(separator: " ").first { $0.hasPrefix("stream=") } }
    #expect(draws.count == 2 && Set(draws).count == 2, "\(draws)")
  }

  @Test func `a layer inside that is frozen is not trained`() throws {
    let graph = try Graph(sequential: [
      InputLayer(shape: [5, 3]),
      Bidirectional(GRU(2), backwardLayer: GRU(2, goBackwards: true, trainable: false)),
    ]).built()
    #expect(graph.trainedVariables.map(\.name).allSatisfy { $0.contains("/forward_gru/") })
    #expect(graph.trainedVariables.count == 3 && graph.variables.count == 6)
  }
}
