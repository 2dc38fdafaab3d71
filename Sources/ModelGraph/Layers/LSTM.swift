/// A long short-term memory.
import Engine
public import KerasCheckpoint
import Kernels
import Tensors

/// For each step, with the gates i, f, c, o side by side in `z = x · kernel + h · recurrent + bias`:
/// `c = g(f) · c + g(i) · a(z_c)`, `h = g(o) · a(c)`, where a is the activation and g the recurrent
/// one.
///
/// Shapes: `[N, T, D]` to `[N, H]`, or to `[N, T, H]` with `returnSequences`. With `returnState` the
/// last h and c, `[N, H]` each, follow as outputs. Two further inputs are the initial h and c. A
/// masked step changes nothing.
///
/// Weights: `kernel` `[D, 4H]`, `recurrent_kernel` `[H, 4H]`, `bias` `[4H]`; gates in the order i, f,
/// c, o. With `unitForgetBias` the forget gate starts at 1 (Jozefowicz et al. 2015).
/// Source: `keras/src/layers/rnn/lstm.py`; Hochreiter and Schmidhuber 1997,
/// doi:10.1162/neco.1997.9.8.1735.
public struct LSTM: Layer {
  public static let className = "LSTM"
  public static let furtherInputs: String? = "initial_state"
  public static let legacyKeys: [String: LegacyKey] = [
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

  public var attributes: LayerAttributes
  public var units: Int
  public var activation: Activation
  public var recurrentActivation: Activation
  public var useBias: Bool
  public var unitForgetBias: Bool
  public var kernel: WeightSettings
  public var recurrent: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?
  public var dropout: Double
  public var recurrentDropout: Double
  public var seed: JSON?
  public var returnSequences: Bool
  public var returnState: Bool
  public var goBackwards: Bool
  public var zeroOutputForMask: Bool

  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    zeroOutputForMask: Bool = false, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.units = units
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.useBias = useBias
    self.unitForgetBias = unitForgetBias
    kernel = WeightSettings(kernelInitializer)
    recurrent = WeightSettings(recurrentInitializer)
    bias = WeightSettings(biasInitializer)
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.returnSequences = returnSequences
    self.returnState = returnState
    self.goBackwards = goBackwards
    self.zeroOutputForMask = zeroOutputForMask
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    units = try config.count("units")
    activation = try config.activation("activation", default: .tanh)
    recurrentActivation = try config.activation(
      "recurrent_activation",
      default: config.dialect < .keras3 ? .hardSigmoidKeras2 : .sigmoid)
    useBias = try config.bool("use_bias", default: true)
    unitForgetBias = try config.bool("unit_forget_bias", default: true)
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
    if activation.gate == nil {
      throw config.unsupported("activation", "the activation \"\(activation.name)\" of a gate")
    }
    if recurrentActivation.gate == nil {
      throw config.unsupported(
        "recurrent_activation", "the activation \"\(recurrentActivation.name)\" of a gate")
    }
  }

  public var settings: [String: JSON] {
    var settings = kernel.config("kernel").merging(recurrent.config("recurrent")) { $1 }
      .merging(bias.config("bias")) { $1 }
    settings["units"] = .int(units)
    settings["activation"] = activation.json
    settings["recurrent_activation"] = recurrentActivation.json
    settings["use_bias"] = .bool(useBias)
    settings["unit_forget_bias"] = .bool(unitForgetBias)
    settings["activity_regularizer"] = activityRegularizer?.json ?? .null
    settings["dropout"] = .number(dropout)
    settings["recurrent_dropout"] = .number(recurrentDropout)
    settings["seed"] = seed ?? .null
    settings["return_sequences"] = .bool(returnSequences)
    settings["return_state"] = .bool(returnState)
    settings["go_backwards"] = .bool(goBackwards)
    settings["zero_output_for_mask"] = .bool(zeroOutputForMask)
    settings["stateful"] = .bool(false)
    settings["unroll"] = .bool(false)
    return settings
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    let input = try sequence(inputs)
    var specs = [
      try WeightSpec("lstm_cell/kernel", [input.known(2), 4 * units], kernel),
      try WeightSpec("lstm_cell/recurrent_kernel", [units, 4 * units], recurrent),
    ]
    if useBias { specs.append(try WeightSpec("lstm_cell/bias", [4 * units], startingBias)) }
    return specs
  }

  /// The bias with the forget gate, the second of four, at 1.
  private var startingBias: WeightSettings {
    guard unitForgetBias, let rule = bias.initializer.rule else { return bias }
    var settings = bias
    settings.initializer = Initializer(
      rule: .runs([
        .init(count: units, rule: rule), .init(count: units, rule: .constant(1)),
        .init(count: 2 * units, rule: rule),
      ]), json: bias.initializer.json)
    return settings
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    let input = try sequence(inputs)
    let state: LayerShape = [input[0], units]
    let output = returnSequences ? [input[0], input[1], units] : state
    return returnState ? [output, state, state] : [output]
  }

  /// The sequence among the inputs, the others being the initial state.
  private func sequence(_ inputs: [LayerShape]) throws(ModelGraphError) -> LayerShape {
    guard inputs.count == 1 || inputs.count == 3 else {
      throw ModelGraphError(.inputCount(expected: 1, found: inputs.count))
    }
    try inputs[0].requireRank(3)
    for state in inputs.dropFirst() where !LayerShape([nil, units]).admits(state) {
      throw ModelGraphError(.inputShape(expected: "a state of \(units) units", found: state))
    }
    return inputs[0]
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    guard let gate = recurrentActivation.gate, let function = activation.gate else {
      throw ModelGraphError(.unsupportedOption(value: "the activation of a gate"))
    }
    let mask = inputs[0].mask
    let results = try dropped(inputs[0].value, context).lstm(
      kernel: context.weight("lstm_cell/kernel"),
      recurrentKernel: context.weight("lstm_cell/recurrent_kernel"),
      bias: useBias ? context.weight("lstm_cell/bias") : nil,
      initialState: inputs.count == 3 ? (inputs[1].value, inputs[2].value) : nil, mask: mask,
      activation: function, recurrentActivation: gate, goBackwards: goBackwards,
      zeroOutputForMask: zeroOutputForMask)
    var output = Signal(results.h)
    if returnSequences {
      output = Signal(results.sequence, mask: mask)
    } else if zeroOutputForMask, mask != nil {
      // The last output is zero where the last step is masked, unlike the last state.
      let last = results.sequence.shape[1] - 1
      output = Signal(
        try results.sequence.slice(axis: 1, last..<last + 1).reshaped(results.h.shape))
    }
    return returnState ? [output, Signal(results.h), Signal(results.c)] : [output]
  }

  /// The inputs as training sees them: each feature of an example is dropped at all steps or at none.
  private func dropped(_ x: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training else { return x }
    guard recurrentDropout == 0 else {
      throw ModelGraphError(.untrainable(option: "recurrent_dropout"))
    }
    guard dropout > 0, dropout < 1 else { return x }
    return try x.dropout(rate: Float(dropout), stream: context.stream, sharedAxes: [1])
  }
}

extension Activation {
  /// The function as one that gates can have; nil where it is not.
  fileprivate var gate: GateFunction? {
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
    default: nil
    }
  }
}
