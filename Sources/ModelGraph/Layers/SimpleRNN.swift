/// A recurrent layer without gates, and its cell.
public import Engine
public import KerasCheckpoint
public import Kernels

/// ``SimpleRNNCell`` at each step of a sequence, `[N, T, D]` to `[N, H]` or `[N, T, H]`.
///
/// Weights: those of the cell, `simple_rnn_cell/kernel` `[D, H]`, `simple_rnn_cell/recurrent_kernel`
/// `[H, H]`, `simple_rnn_cell/bias` `[H]`.
/// Source: `keras/src/layers/rnn/simple_rnn.py`.
public struct SimpleRNN: RecurrentLayer {
  public static let className = "SimpleRNN"
  public static var legacyKeys: [String: LegacyKey] { legacyCellKeys }

  public var attributes: LayerAttributes
  public var recurrence: RecurrentSettings
  public var cell: SimpleRNNCell

  public init(
    _ units: Int, activation: Activation = .tanh, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false,
    zeroOutputForMask: Bool = false, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    recurrence = RecurrentSettings(
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, zeroOutputForMask: zeroOutputForMask)
    cell = SimpleRNNCell(
      units, activation: activation, useBias: useBias, kernelInitializer: kernelInitializer,
      recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
      dropout: dropout, recurrentDropout: recurrentDropout, name: SimpleRNNCell.standardName)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    recurrence = try RecurrentSettings(config: &config)
    cell = try SimpleRNNCell(settings: &config)
  }

  public var settings: [String: JSON] { settings(of: cell.settings) }
  public var step: any Cell { cell }
}

/// `h = a(x · kernel + h · recurrent + bias)`. The state is h.
///
/// Weights: `kernel` `[D, H]`, `recurrent_kernel` `[H, H]`, `bias` `[H]`.
/// Source: `keras/src/layers/rnn/simple_rnn.py`; Elman 1990, doi:10.1207/s15516709cog1402_1.
public struct SimpleRNNCell: UnitCellLayer {
  public static let className = "SimpleRNNCell"

  public var attributes: LayerAttributes
  public var options: CellSettings

  public init(
    _ units: Int, activation: Activation = .tanh, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, name: String? = nil,
    trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    options = CellSettings(
      units: units, activation: activation, useBias: useBias,
      kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
      biasInitializer: biasInitializer, dropout: dropout, recurrentDropout: recurrentDropout)
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
  }

  public var settings: [String: JSON] { options.config() }

  public var kind: RecurrentCell { .simple }

  public var biasSpec: (shape: [Int], settings: WeightSettings) {
    ([options.units], options.bias)
  }

  public func step(
    _ x: Value, _ states: [Value], recurrentBias: Value?,
    _ products: (_ state: Value, _ gates: Range<Int>) throws -> Value
  ) throws -> [Value] {
    [try options.activation(x + products(states[0], 0..<1))]
  }
}
