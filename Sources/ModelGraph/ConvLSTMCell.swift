/// The cell of a convolutional long short-term memory.
import Engine
import KerasCheckpoint
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
  /// Filters are what units are to other cells.
  public var options: CellSettings
  public var windows: WindowSettings
  public var recurrentActivation = Activation.sigmoid
  public var unitForgetBias = true

  private var filters: Int { options.units }

  init(_ options: CellSettings, windows: WindowSettings) {
    self.options = options
    self.windows = windows
  }

  init(_ config: inout LayerConfig, rank: Int) throws(ModelGraphError) {
    options = try CellSettings(config: &config, size: "filters")
    windows = try WindowSettings(&config, rank: rank)
    recurrentActivation = try config.recurrentActivation()
    unitForgetBias = try config.bool("unit_forget_bias", default: true)
  }

  var settings: [String: JSON] {
    var settings = options.config(size: "filters").merging(windows.settings) { $1 }
    settings["recurrent_activation"] = recurrentActivation.json
    settings["unit_forget_bias"] = .bool(unitForgetBias)
    return settings
  }

  public var name: String { "conv_lstm_cell" }
  public var trainable: Bool { true }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    let channels = try windows.channels(inputs[0])
    var specs = [
      try WeightSpec("kernel", windows.kernelSize + [channels, 4 * filters], options.kernel),
      try WeightSpec(
        "recurrent_kernel", windows.kernelSize + [filters, 4 * filters], options.recurrent),
    ]
    if options.useBias {
      let bias = options.bias
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
      masks: context.stateMasks(state, rate: options.recurrentDropout, gates: 4)
    ) { try $0.convolved($1, padding: .same) }
    var first = try passage.initialStates.map(format.toChannelsLast)
    if first.isEmpty {
      first = .init(repeating: try sums.builder.constant(0, state), count: 2)
    }
    var results = try passage.unrolled(sums, first) { x, states in
      try LSTMCell.step(
        x + products(states[0], 0..<4), carry: states[1], options.activation, recurrentActivation)
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
    let inputs = try context.dropped(sequence, rate: options.dropout, gates: 4)
    let kernels = try context.weight("kernel").split(inputs.count, axis: -1)
    let parts = try zip(inputs, kernels).map { input, kernel in
      try windows.dataFormat
        .toChannelsLast(input.reshaped(Shape([n * t] + input.shape.dimensions.dropFirst(2))))
        .convolved(
          kernel, strides: windows.strides, padding: windows.padding,
          dilations: windows.dilationRate)
    }
    var sums = try parts[0].concatenated(with: Array(parts.dropFirst()), axis: -1)
    if options.useBias { sums = try sums + context.weight("bias") }
    return try sums.reshaped(Shape([n, t] + sums.shape.dimensions.dropFirst()))
  }
}
