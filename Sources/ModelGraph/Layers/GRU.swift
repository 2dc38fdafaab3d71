/// A gated recurrent unit.
public import KerasCheckpoint
public import Kernels

/// For each step, with the gates z, r and the candidate side by side in `p = x · kernel + bias` and
/// `q = h · recurrent`: `z, r = g(p + q)`, `h = z · h + (1 - z) · a(p + r · q)`, where a is the activation
/// and g the recurrent one. With `resetAfter`, Keras's default since version 3 and that of tf.keras 2, q
/// has a bias of its own; without, the candidate's q is `(r · h) · recurrent`. The state is h.
///
/// Weights: `kernel` `[D, 3H]`, `recurrent_kernel` `[H, 3H]`, `bias` `[2, 3H]`, that of p first, or `[3H]`
/// without `resetAfter`; gates in the order z, r, h.
/// Source: `keras/src/layers/rnn/gru.py`; Cho et al. 2014, doi:10.3115/v1/D14-1179.
public struct GRU: RecurrentLayer {
  public static let className = "GRU"
  public static let cellName = "gru_cell"

  public var attributes: LayerAttributes
  public var recurrence: RecurrentSettings
  public var recurrentActivation: Activation
  public var resetAfter: Bool

  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, resetAfter: Bool = true,
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
    self.resetAfter = resetAfter
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    recurrence = try RecurrentSettings(config: &config)
    recurrentActivation = try config.recurrentActivation()
    // Files without the key are older than the choice.
    resetAfter = try config.bool("reset_after", default: config.dialect == .keras3)
  }

  public var settings: [String: JSON] {
    var settings = recurrence.config
    settings["recurrent_activation"] = recurrentActivation.json
    settings["reset_after"] = .bool(resetAfter)
    return settings
  }

  public var cell: RecurrentCell { .gru(resetsAfter: resetAfter) }
  public var gateActivation: Activation? { recurrentActivation }

  public var biasSpec: (shape: [Int], settings: WeightSettings) {
    let width = 3 * recurrence.units
    return (resetAfter ? [2, width] : [width], recurrence.bias)
  }
}
