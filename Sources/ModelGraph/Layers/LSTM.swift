/// A long short-term memory.
public import KerasCheckpoint
public import Kernels

/// For each step, with the gates i, f, c, o side by side in `z = x · kernel + h · recurrent + bias`:
/// `c = g(f) · c + g(i) · a(z_c)`, `h = g(o) · a(c)`, where a is the activation and g the recurrent
/// one. The states are h and c.
///
/// Weights: `kernel` `[D, 4H]`, `recurrent_kernel` `[H, 4H]`, `bias` `[4H]`; gates in the order i, f,
/// c, o. With `unitForgetBias` the forget gate starts at 1 (Jozefowicz et al. 2015).
/// Source: `keras/src/layers/rnn/lstm.py`; Hochreiter and Schmidhuber 1997,
/// doi:10.1162/neco.1997.9.8.1735.
public struct LSTM: RecurrentLayer {
  public static let className = "LSTM"
  public static let cellName = "lstm_cell"

  public var attributes: LayerAttributes
  public var recurrence: RecurrentSettings
  public var recurrentActivation: Activation
  public var unitForgetBias: Bool

  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    zeroOutputForMask: Bool = false, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    recurrence = RecurrentSettings(units: units)
    recurrence.activation = activation
    recurrence.useBias = useBias
    recurrence.kernel = WeightSettings(kernelInitializer)
    recurrence.recurrent = WeightSettings(recurrentInitializer)
    recurrence.bias = WeightSettings(biasInitializer)
    recurrence.dropout = dropout
    recurrence.recurrentDropout = recurrentDropout
    recurrence.returnSequences = returnSequences
    recurrence.returnState = returnState
    recurrence.goBackwards = goBackwards
    recurrence.zeroOutputForMask = zeroOutputForMask
    self.recurrentActivation = recurrentActivation
    self.unitForgetBias = unitForgetBias
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    recurrence = try RecurrentSettings(config: &config)
    recurrentActivation = try config.recurrentActivation()
    unitForgetBias = try config.bool("unit_forget_bias", default: true)
  }

  public var settings: [String: JSON] {
    var settings = recurrence.config
    settings["recurrent_activation"] = recurrentActivation.json
    settings["unit_forget_bias"] = .bool(unitForgetBias)
    return settings
  }

  public var cell: RecurrentCell { .lstm }
  public var gateActivation: Activation? { recurrentActivation }

  /// The bias with the forget gate, the second of four, at 1.
  public var biasSpec: (shape: [Int], settings: WeightSettings) {
    let units = recurrence.units
    guard unitForgetBias, let rule = recurrence.bias.initializer.rule else {
      return ([4 * units], recurrence.bias)
    }
    var settings = recurrence.bias
    settings.initializer = Initializer(
      rule: .runs([
        .init(count: units, rule: rule), .init(count: units, rule: .constant(1)),
        .init(count: 2 * units, rule: rule),
      ]), json: recurrence.bias.initializer.json)
    return ([4 * units], settings)
  }
}
