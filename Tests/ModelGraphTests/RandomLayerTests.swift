import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing

/// What layers do in training by chance, where there is no Keras to compare with but its formulas.
@Suite struct RandomLayerTests {
  /// The results of a layer in training, for numbers of mean 0 and variance 1.
  private func trained(_ layer: any Layer, _ shape: [Int]) throws -> [Double] {
    let graph = try Graph(sequential: [InputLayer(shape: Array(shape.dropFirst())), layer]).built()
    let builder = ProgramBuilder()
    let input = builder.input("x", TensorType(Shape(shape)))
    builder.output(
      "y", try graph.trace(builder, inputs: [input], mode: .training)[0].value)
    let session = try Session(Plan(builder.program, threads: 2), variables: Variables())
    var source = RandomSource(seed: 3)
    try session.setInput(0, Tensor(Shape(shape), source.normal(shape.reduce(1, *))))
    try session.run(seed: 8, step: 1)
    return session.output("y").scalars.doubles
  }

  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (
      mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    )
  }

  /// Of 200,000 numbers mean and variance are known to about 0.01.
  @Test(arguments: [0.1, 0.5])
  func `Noise has the variance that Keras gives it`(amount: Double) throws {
    let noise = moments(try trained(GaussianNoise(amount), [200, 1000]))
    #expect(abs(noise.mean) < 0.02)
    #expect(abs(noise.variance - (1 + amount * amount)) < 0.02)
    let dropout = moments(try trained(GaussianDropout(amount), [200, 1000]))
    #expect(abs(dropout.mean) < 0.02)
    #expect(abs(dropout.variance - (1 + amount / (1 - amount))) < 0.05)
    let alpha = try trained(AlphaDropout(amount), [200, 1000])
    #expect(abs(moments(alpha).mean) < 0.02)
    #expect(abs(moments(alpha).variance - 1) < 0.02)
    // All that are dropped have one value.
    let counts = Dictionary(grouping: alpha) { $0 }.mapValues(\.count)
    #expect(abs(Double(counts.values.max() ?? 0) / 200_000 - amount) < 0.01)
  }

  @Test(arguments: [DataFormat.channelsLast, .channelsFirst])
  func `A channel is dropped at all its positions or at none`(format: DataFormat) throws {
    let values = try trained(SpatialDropout2D(0.5, dataFormat: format), [40, 5, 5, 5])
    var dropped = 0
    for n in 0..<40 {
      for channel in 0..<5 {
        let places = (0..<25).map { position in
          n * 125 + (format == .channelsLast ? position * 5 + channel : channel * 25 + position)
        }
        let zeros = places.count { values[$0] == 0 }
        #expect(zeros == 0 || zeros == 25)
        if zeros > 0 { dropped += 1 }
      }
    }
    #expect((70...130).contains(dropped), "\(dropped) of 200")
  }

  @Test func `A branch is dropped of whole examples`() throws {
    let values = try trained(StochasticDepth(0.25), [400, 5, 5, 2])
    let dropped = (0..<400).count { example in
      let zeros = (0..<50).count { values[example * 50 + $0] == 0 }
      #expect(zeros == 0 || zeros == 50)
      return zeros > 0
    }
    #expect((70...130).contains(dropped), "\(dropped) of 400")
    #expect(abs(moments(values).variance - 1 / 0.75) < 0.1)
  }

  @Test func `Layers that change images in training are refused there by name`() throws {
    let layer =
      #"{"class_name": "RandomFlip", "config": {"name": "flip", "batch_input_shape": [null, 4, 4, 1]}}"#
    let text = #"{"class_name": "Sequential", "config": {"name": "m", "layers": [\#(layer)]}}"#
    let graph = try Graph(modelConfig: JSON(parsing: text)).built()
    let builder = ProgramBuilder()
    let input = builder.input("x", TensorType([2, 4, 4, 1]))
    #expect(
      throws: ModelGraphError(.randomImages, at: .init(layer: "flip", className: "RandomFlip"))
    ) { try graph.trace(builder, inputs: [input], mode: .training) }
    #expect(
      try graph.trace(builder, inputs: [input], mode: .inference)[0].value.shape == [2, 4, 4, 1])
  }

  @Test func `Noise of a shape is the same along its axes of extent 1`() throws {
    var layer = Dropout(0.5)
    layer.noiseShape = [nil, 1, 6]
    let values = try trained(layer, [20, 7, 6])
    for n in 0..<20 {
      for feature in 0..<6 {
        let zeros = (0..<7).count { values[(n * 7 + $0) * 6 + feature] == 0 }
        #expect(zeros == 0 || zeros == 7)
      }
    }
    layer.noiseShape = [nil, 2, 6]
    #expect(throws: ModelGraphError.self) { try trained(layer, [20, 7, 6]) }
  }

  /// With a kernel of ones and the identity between states, a linear unit is 1 after its first step, and
  /// then what the mask makes of it at each of three more: 0, or twice it.
  @Test func `A state is dropped for an example at all steps or at none`() throws {
    let layer = SimpleRNN(
      50, activation: .linear, useBias: false, kernelInitializer: .zeros,
      recurrentInitializer: .identity(), recurrentDropout: 0.5)
    let graph = try Graph(sequential: [InputLayer(shape: [4, 1]), layer]).built()
    let builder = ProgramBuilder()
    let input = builder.input("x", TensorType([40, 4, 1]))
    let y = try graph.trace(builder, inputs: [input], mode: .training)[0].value
    builder.output("y", y)
    let variables = Variables()
    try graph.initialise(variables, seed: 1)
    variables.set(
      "simple_rnn/simple_rnn_cell/kernel", Tensor([1, 50], [Float](repeating: 1, count: 50)))
    let session = try Session(Plan(builder.program, threads: 2), variables: variables)
    let steps: [Float] = [1, 0, 0, 0]
    try session.setInput(0, Tensor([40, 4, 1], (0..<40).flatMap { _ in steps }))
    try session.run(seed: 8, step: 1)
    let values = session.output("y").scalars.floats
    #expect(values.allSatisfy { $0 == 0 || $0 == 8 })
    let share = Double(values.count { $0 == 0 }) / 2000
    // Of 2,000 draws the share is known to about 0.011; four times that.
    #expect(abs(share - 0.5) < 0.045, "\(share)")
  }

  @Test(arguments: [
    (LSTM(2, recurrentDropout: 0.5) as any Layer, 8),
    (GRU(2, dropout: 0.5, recurrentDropout: 0.5), 6), (SimpleRNN(2, recurrentDropout: 0.5), 2),
    (LSTM(2, dropout: 0.5), 1),
    (ConvLSTM1D(filters: 2, kernelSize: [2], dropout: 0.5, recurrentDropout: 0.5), 8),
  ])
  func `Each gate drops inputs and states of its own`(layer: any Layer, count: Int) throws {
    let shape = layer is ConvLSTM1D ? [3, 4, 5, 2] : [3, 4, 5]
    let graph = try Graph(sequential: [InputLayer(shape: Array(shape.dropFirst())), layer]).built()
    let builder = ProgramBuilder()
    let input = builder.input("x", TensorType(Shape(shape)))
    _ = try graph.trace(builder, inputs: [input], mode: .training)
    let streams = "\(builder.program)".split(separator: "\n").filter { $0.contains("dropout") }
      .compactMap { $0.split(separator: " ").first { $0.hasPrefix("stream=") } }
    #expect(Set(streams).count == streams.count, "\(streams)")
    let withoutInputs = (layer as? LSTM)?.cell.options.dropout == 0 || layer is SimpleRNN
    #expect(streams.count == (withoutInputs ? count / 2 : count), "\(streams)")
  }

  @Test func `A rate of 1 cannot be trained where Keras divides by 0`() {
    #expect(throws: ModelGraphError.self) { try trained(GaussianDropout(1), [2, 3]) }
    #expect(throws: ModelGraphError.self) { try trained(AlphaDropout(1), [2, 3]) }
  }
}
