/// A gated recurrent unit, and its cell.
public import Engine
public import KerasCheckpoint
public import Kernels

/// ``GRUCell`` at each step of a sequence, `[N, T, D]` to `[N, H]` or `[N, T, H]`.
///
/// Weights: those of the cell, `gru_cell/kernel` `[D, 3H]`, `gru_cell/recurrent_kernel` `[H, 3H]`,
/// `gru_cell/bias` `[2, 3H]`, or `[3H]` without `resetAfter`.
/// Source: `keras/src/layers/rnn/gru.py`.
public struct GRU: RecurrentLayer {
  public static let className = "GRU"
  public static var legacyKeys: [String: LegacyKey] { legacyCellKeys }

  public var attributes: LayerAttributes
  public var recurrence: RecurrentSettings
  public var cell: GRUCell

  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false,
    resetAfter: Bool = true, zeroOutputForMask: Bool = false, name: String? = nil,
    trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    recurrence = RecurrentSettings(
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, zeroOutputForMask: zeroOutputForMask)
    cell = GRUCell(
      units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
      kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
      biasInitializer: biasInitializer, dropout: dropout, recurrentDropout: recurrentDropout,
      resetAfter: resetAfter, name: GRUCell.standardName)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    recurrence = try RecurrentSettings(config: &config)
    cell = try GRUCell(settings: &config)
  }

  public var settings: [String: JSON] { settings(of: cell.settings) }
  public var step: any Cell { cell }
}

/// With the gates z, r and the candidate side by side in `p = x · kernel + bias` and `q = h · recurrent`:
/// `z, r = g(p + q)`, `h = z · h + (1 - z) · a(p + r · q)`, where a is the activation and g the recurrent
/// one. With `resetAfter`, Keras's default since version 3 and that of tf.keras 2, q has a bias of its own;
/// without, the candidate's q is `(r · h) · recurrent`. The state is h.
///
/// Weights: `kernel` `[D, 3H]`, `recurrent_kernel` `[H, 3H]`, `bias` `[2, 3H]`, that of p first, or `[3H]`
/// without `resetAfter`; gates in the order z, r, h.
/// Source: `keras/src/layers/rnn/gru.py`; Cho et al. 2014, doi:10.3115/v1/D14-1179.
public struct GRUCell: UnitCellLayer {
  public static let className = "GRUCell"

  public var attributes: LayerAttributes
  public var options: CellSettings
  public var recurrentActivation: Activation
  public var resetAfter: Bool

  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, resetAfter: Bool = true,
    name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    options = CellSettings(
      units: units, activation: activation, useBias: useBias,
      kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
      biasInitializer: biasInitializer, dropout: dropout, recurrentDropout: recurrentDropout)
    self.recurrentActivation = recurrentActivation
    self.resetAfter = resetAfter
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    try self.init(settings: &config)
    self.attributes = attributes
  }

  /// The cell of a layer that has this configuration.
  init(settings config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: Self.standardName)
    options = try CellSettings(config: &config)
    recurrentActivation = try config.recurrentActivation()
    // Files without the key are older than the choice.
    resetAfter = try config.bool(
      "reset_after", default: config.dialect == .keras3 || config.isForCuDNN)
  }

  public var settings: [String: JSON] {
    var settings = options.config()
    settings["recurrent_activation"] = recurrentActivation.json
    settings["reset_after"] = .bool(resetAfter)
    return settings
  }

  public var kind: RecurrentCell { .gru(resetsAfter: resetAfter) }
  public var gateActivation: Activation? { recurrentActivation }

  public var biasSpec: (shape: [Int], settings: WeightSettings) {
    let width = 3 * options.units
    return (resetAfter ? [2, width] : [width], options.bias)
  }

  public func step(
    _ x: Value, _ states: [Value], recurrentBias: Value?,
    _ products: (_ state: Value, _ gates: Range<Int>) throws -> Value
  ) throws -> [Value] {
    let h = states[0]
    let p = try x.split(3, axis: -1)
    var q = try products(h, 0..<(resetAfter ? 3 : 2))
    if let recurrentBias { q = try q + recurrentBias }
    let parts = try q.split(resetAfter ? 3 : 2, axis: -1)
    let z = try recurrentActivation(p[0] + parts[0])
    let r = try recurrentActivation(p[1] + parts[1])
    let inner = resetAfter ? try r * parts[2] : try products(r * h, 2..<3)
    let candidate = try options.activation(p[2] + inner)
    return [try candidate + z * (h - candidate)]
  }
}
