/// A recurrent layer without gates.
public import KerasCheckpoint
public import Kernels

/// For each step `h = a(x · kernel + h · recurrent + bias)`. The state is h.
///
/// Weights: `kernel` `[D, H]`, `recurrent_kernel` `[H, H]`, `bias` `[H]`.
/// Source: `keras/src/layers/rnn/simple_rnn.py`; Elman 1990, doi:10.1207/s15516709cog1402_1.
public struct SimpleRNN: RecurrentLayer {
  public static let className = "SimpleRNN"
  public static let cellName = "simple_rnn_cell"

  public var attributes: LayerAttributes
  public var recurrence: RecurrentSettings

  public init(
    _ units: Int, activation: Activation = .tanh, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, zeroOutputForMask: Bool = false,
    name: String? = nil, trainable: Bool = true
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
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    recurrence = try RecurrentSettings(config: &config)
  }

  public var settings: [String: JSON] { recurrence.config }

  public var cell: RecurrentCell { .simple }

  public var biasSpec: (shape: [Int], settings: WeightSettings) {
    ([recurrence.units], recurrence.bias)
  }
}
