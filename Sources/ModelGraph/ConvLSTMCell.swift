/// The cell of a convolutional long short-term memory.
import Engine
public import KerasCheckpoint
import Tensors

/// An ``LSTMCell`` whose products are convolutions: of the input with the layer's windows, of the state with
/// windows of the same size that leave its extents. Each gate drops inputs and states of its own.
///
/// Shapes: `[N, A, C]` to `[N, A', F]`, with two such axes `[N, A, B, C]`, with three `[N, A, B, D, C]`; with
/// `channelsFirst` the last axis is the second. The states are h and c, as the output.
///
/// Weights: `kernel` `[K…, C, 4F]`, `recurrent_kernel` `[K…, F, 4F]`, `bias` `[4F]`; gates in the order i,
/// f, c, o. Cost: a convolution of all steps at once, and one of the states for each step.
/// Source: `keras/src/layers/rnn/conv_lstm.py`; Shi et al. 2015, arXiv:1506.04214.
public struct ConvLSTMCell: Cell {
  public var filters: Int
  public var windows: WindowSettings
  public var activation = Activation.tanh
  public var recurrentActivation = Activation.sigmoid
  public var useBias = true
  public var unitForgetBias = true
  public var kernel = WeightSettings(.glorotUniform)
  public var recurrent = WeightSettings(.orthogonal)
  public var bias = WeightSettings(.zeros)
  public var dropout = 0.0
  public var recurrentDropout = 0.0
  public var seed: JSON?

  init(filters: Int, windows: WindowSettings) {
    self.filters = filters
    self.windows = windows
  }

  init(_ config: inout LayerConfig, rank: Int) throws(ModelGraphError) {
    filters = try config.count("filters")
    windows = try WindowSettings(&config, rank: rank)
    activation = try config.cellActivation("activation", default: .tanh)
    recurrentActivation = try config.recurrentActivation()
    useBias = try config.bool("use_bias", default: true)
    unitForgetBias = try config.bool("unit_forget_bias", default: true)
    kernel = try config.weight("kernel", .glorotUniform)
    recurrent = try config.weight("recurrent", .orthogonal)
    bias = try config.weight("bias", .zeros)
    dropout = try config.rate("dropout", default: 0)
    recurrentDropout = try config.rate("recurrent_dropout", default: 0)
    seed = try config.seed()
  }

  var settings: [String: JSON] {
    [
      "filters": .int(filters), "activation": activation.json,
      "recurrent_activation": recurrentActivation.json, "use_bias": .bool(useBias),
      "unit_forget_bias": .bool(unitForgetBias), "dropout": .number(dropout),
      "recurrent_dropout": .number(recurrentDropout), "seed": seed ?? .null,
    ].merging(windows.settings) { $1 }.merging(kernel.config("kernel")) { $1 }
      .merging(recurrent.config("recurrent")) { $1 }.merging(bias.config("bias")) { $1 }
  }

  public var name: String { "conv_lstm_cell" }
  public var trainable: Bool { true }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    let channels = try windows.channels(inputs[0])
    var specs = [
      try WeightSpec("kernel", windows.kernelSize + [channels, 4 * filters], kernel),
      try WeightSpec("recurrent_kernel", windows.kernelSize + [filters, 4 * filters], recurrent),
    ]
    if useBias {
      specs.append(
        try WeightSpec("bias", [4 * filters], unitForgetBias ? bias.opened(filters) : bias))
    }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try windows.outputShape(input, filters: filters, .linear)
  }

  public var stateCount: Int { 2 }

  public func stateShapes(_ input: LayerShape) throws(ModelGraphError) -> [LayerShape] {
    .init(repeating: try outputShape(input), count: 2)
  }

  public func run(_ passage: Passage, _ context: LayerContext) throws -> Passage.Results {
    let format = windows.dataFormat
    if let mask = passage.mask, mask.rank > 2, format == .channelsFirst {
      throw ModelGraphError(
        .unsupportedOption(value: "a mask of positions where channels come first"))
    }
    let sums = try inputSums(passage.sequence, context)
    let state = Shape(
      [sums.shape[0]] + sums.shape.dimensions[2..<sums.rank - 1] + [filters])
    let products = try RecurrentProducts(
      gates: 4, kernel: context.weight("recurrent_kernel"),
      masks: context.stateMasks(state, rate: recurrentDropout, gates: 4)
    ) { try $0.convolved($1, padding: .same) }
    var first = try passage.initialStates.map(format.toChannelsLast)
    if first.isEmpty {
      first = .init(repeating: try sums.builder.constant(0, state), count: 2)
    }
    var results = try passage.unrolled(sums, first) { x, states in
      try LSTMCell.step(
        x + products(states[0], 0..<4), carry: states[1], activation, recurrentActivation)
    }
    if format == .channelsFirst {
      let rank = results.sequence.rank
      results.sequence = try results.sequence.transposed(
        [0, 1, rank - 1] + Array(2..<rank - 1))
      results.states = try results.states.map(format.fromChannelsLast)
      results.last = results.states[0]
    }
    return results
  }

  /// The convolutions of all steps, which are examples to them, with the bias: `[N, T, …, 4F]`.
  private func inputSums(_ sequence: Value, _ context: LayerContext) throws -> Value {
    let (n, t) = (sequence.shape[0], sequence.shape[1])
    let inputs = try context.dropped(sequence, rate: dropout, gates: 4)
    let kernels = try context.weight("kernel").split(inputs.count, axis: -1)
    let parts = try zip(inputs, kernels).map { input, kernel in
      try windows.dataFormat
        .toChannelsLast(input.reshaped(Shape([n * t] + input.shape.dimensions.dropFirst(2))))
        .convolved(
          kernel, strides: windows.strides, padding: windows.padding,
          dilations: windows.dilationRate)
    }
    var sums = try parts[0].concatenated(with: Array(parts.dropFirst()), axis: -1)
    if useBias { sums = try sums + context.weight("bias") }
    return try sums.reshaped(Shape([n, t] + sums.shape.dimensions.dropFirst()))
  }
}
