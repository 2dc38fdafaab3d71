/// What all recurrent layers have in common.
import Engine
public import KerasCheckpoint
public import Kernels
import Tensors

/// The configuration that LSTM, GRU and SimpleRNN share.
public struct RecurrentSettings: Sendable {
  public var units: Int
  public var activation = Activation.tanh
  public var useBias = true
  public var kernel = WeightSettings(.glorotUniform)
  public var recurrent = WeightSettings(.orthogonal)
  public var bias = WeightSettings(.zeros)
  public var activityRegularizer: Regularizer?
  public var dropout = 0.0
  public var recurrentDropout = 0.0
  public var seed: JSON?
  /// Whether the outputs of all steps are given, or only the last.
  public var returnSequences = false
  /// Whether the last states follow as outputs.
  public var returnState = false
  public var goBackwards = false
  /// Whether the output of a masked step is zero rather than that of the step before.
  public var zeroOutputForMask = false

  public init(units: Int) { self.units = units }

  init(config: inout LayerConfig) throws(ModelGraphError) {
    units = try config.count("units")
    activation = try config.gateFunction("activation", default: .tanh)
    useBias = try config.bool("use_bias", default: true)
    kernel = try config.weight("kernel", .glorotUniform)
    recurrent = try config.weight("recurrent", .orthogonal)
    bias = try config.weight("bias", .zeros)
    activityRegularizer = try config.regularizer("activity_regularizer")
    dropout = try config.rate("dropout", default: 0)
    recurrentDropout = try config.rate("recurrent_dropout", default: 0)
    seed = try config.seed()
    returnSequences = try config.bool("return_sequences", default: false)
    returnState = try config.bool("return_state", default: false)
    goBackwards = try config.bool("go_backwards", default: false)
    zeroOutputForMask = try config.bool("zero_output_for_mask", default: false)
    // Unrolled or by cuDNN, the numbers are the same.
    config.ignore("unroll", "use_cudnn")
    if try config.bool("stateful", default: false) {
      throw config.unsupported("stateful", "stateful = true")
    }
    if config.value("time_major")?.bool == true {
      throw config.unsupported("time_major", "time_major = true")
    }
  }

  var config: [String: JSON] {
    var config = kernel.config("kernel").merging(recurrent.config("recurrent")) { $1 }
      .merging(bias.config("bias")) { $1 }
    config["units"] = .int(units)
    config["activation"] = activation.json
    config["use_bias"] = .bool(useBias)
    config["activity_regularizer"] = activityRegularizer?.json ?? .null
    config["dropout"] = .number(dropout)
    config["recurrent_dropout"] = .number(recurrentDropout)
    config["seed"] = seed ?? .null
    config["return_sequences"] = .bool(returnSequences)
    config["return_state"] = .bool(returnState)
    config["go_backwards"] = .bool(goBackwards)
    config["zero_output_for_mask"] = .bool(zeroOutputForMask)
    config["stateful"] = .bool(false)
    config["unroll"] = .bool(false)
    return config
  }
}

/// A recurrent layer: `[N, T, D]` to `[N, H]`, or to `[N, T, H]` with `returnSequences`. With
/// `returnState` the last states, `[N, H]` each, follow as outputs. Further inputs are the initial
/// states. A masked step changes nothing.
///
/// Weights, G being the gates of the cell: `kernel` `[D, GH]`, `recurrent_kernel` `[H, GH]`, `bias`.
public protocol RecurrentLayer: Layer {
  var recurrence: RecurrentSettings { get set }

  /// The cell's name, which the names of weights have before them.
  static var cellName: String { get }

  /// Gates and states, how the gates are computed.
  var cell: RecurrentCell { get }

  /// The function of gates other than the candidate; nil where there are none.
  var gateActivation: Activation? { get }

  /// The shape of the bias, and how it starts.
  var biasSpec: (shape: [Int], settings: WeightSettings) { get }
}

extension RecurrentLayer {
  public static var furtherInputs: String? { "initial_state" }
  public var gateActivation: Activation? { nil }
  public var activityRegularizer: Regularizer? { recurrence.activityRegularizer }

  public static var legacyKeys: [String: LegacyKey] {
    [
      "output_dim": .renamed("units"), "init": .renamed("kernel_initializer"),
      "inner_init": .renamed("recurrent_initializer"),
      "inner_activation": .renamed("recurrent_activation"),
      "W_regularizer": .renamed("kernel_regularizer"),
      "U_regularizer": .renamed("recurrent_regularizer"),
      "b_regularizer": .renamed("bias_regularizer"), "dropout_W": .renamed("dropout"),
      "dropout_U": .renamed("recurrent_dropout"), "forget_bias_init": .dropped,
      "input_dim": .dropped, "input_length": .dropped, "consume_less": .dropped,
      "implementation": .dropped,
    ]
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    let input = try sequence(inputs)
    let (units, width) = (recurrence.units, cell.gates * recurrence.units)
    var specs = [
      try WeightSpec("\(Self.cellName)/kernel", [input.known(2), width], recurrence.kernel),
      try WeightSpec("\(Self.cellName)/recurrent_kernel", [units, width], recurrence.recurrent),
    ]
    if recurrence.useBias {
      specs.append(try WeightSpec("\(Self.cellName)/bias", biasSpec.shape, biasSpec.settings))
    }
    return specs
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    let input = try sequence(inputs)
    let state: LayerShape = [input[0], recurrence.units]
    let output = recurrence.returnSequences ? [input[0], input[1], recurrence.units] : state
    return recurrence.returnState
      ? [output] + [LayerShape](repeating: state, count: cell.states) : [output]
  }

  /// The sequence among the inputs, the others being the initial states.
  private func sequence(_ inputs: [LayerShape]) throws(ModelGraphError) -> LayerShape {
    guard inputs.count == 1 || inputs.count == 1 + cell.states else {
      throw ModelGraphError(.inputCount(expected: 1, found: inputs.count))
    }
    try inputs[0].requireRank(3)
    for state in inputs.dropFirst() where !LayerShape([nil, recurrence.units]).admits(state) {
      throw ModelGraphError(
        .inputShape(expected: "a state of \(recurrence.units) units", found: state))
    }
    return inputs[0]
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    try call(inputs, context, reversesOutputs: false)
  }

  /// - Parameter reversesOutputs: whether the outputs of all steps stand in their reverse order.
  func call(
    _ inputs: [Signal], _ context: LayerContext, reversesOutputs: Bool
  ) throws -> [Signal] {
    let mask = inputs[0].mask
    var options = RecurrenceOptions(cell)
    options.activation = try recurrence.activation.gateFunction()
    if let gateActivation { options.recurrentActivation = try gateActivation.gateFunction() }
    options.goesBackwards = recurrence.goBackwards
    options.reversesOutputs = reversesOutputs
    options.zeroesMasked = recurrence.zeroOutputForMask
    let name = Self.cellName
    let results = try dropped(inputs[0].value, context).recurrence(
      options, kernel: context.weight("\(name)/kernel"),
      recurrentKernel: context.weight("\(name)/recurrent_kernel"),
      bias: recurrence.useBias ? context.weight("\(name)/bias") : nil,
      initialState: inputs.dropFirst().map(\.value), mask: mask)
    var output = Signal(results.states[0])
    if recurrence.returnSequences {
      output = Signal(results.sequence, mask: mask)
    } else if mask != nil, recurrence.zeroOutputForMask || inputs.count > 1 {
      // The last output is zero where the last step is masked and outputs are zeroed, or where all
      // steps are, unlike the last state.
      let last = reversesOutputs ? 0 : results.sequence.shape[1] - 1
      output = Signal(
        try results.sequence.slice(axis: 1, last..<last + 1).reshaped(results.states[0].shape))
    }
    return recurrence.returnState ? [output] + results.states.map { Signal($0) } : [output]
  }

  /// The inputs as training sees them: each feature of an example is dropped at all steps or at none.
  private func dropped(_ x: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training else { return x }
    guard recurrence.recurrentDropout == 0 else {
      throw ModelGraphError(.untrainable(option: "recurrent_dropout"))
    }
    let rate = recurrence.dropout
    guard rate > 0, rate < 1 else { return x }
    return try x.dropout(rate: Float(rate), stream: context.stream, sharedAxes: [1])
  }
}

extension Activation {
  /// The function as one that gates can have.
  ///
  /// - Throws: `ModelGraphError` where it is not.
  fileprivate func gateFunction() throws(ModelGraphError) -> GateFunction {
    switch function {
    case .linear: .linear
    case .relu(negativeSlope: 0, maximum: nil, threshold: 0): .relu
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .hardSigmoid: .hardSigmoid
    case .hardSigmoidKeras2: .hardSigmoidKeras2
    case .softsign: .softsign
    case .exponential: .exponential
    case .elu(alpha: 1): .elu
    default:
      throw ModelGraphError(.unsupportedOption(value: "the activation \"\(name)\" of a gate"))
    }
  }
}

extension LayerConfig {
  /// Reads an activation that gates can have.
  mutating func gateFunction(
    _ key: String, default standard: Activation
  ) throws(ModelGraphError) -> Activation {
    let activation = try activation(key, default: standard)
    do { _ = try activation.gateFunction() } catch {
      throw error.located(layer: layerName, className: className, key: key)
    }
    return activation
  }

  /// Reads the function of gates; Keras 1 and 2 had another standard.
  mutating func recurrentActivation() throws(ModelGraphError) -> Activation {
    try gateFunction(
      "recurrent_activation", default: dialect < .keras3 ? .hardSigmoidKeras2 : .sigmoid)
  }
}
