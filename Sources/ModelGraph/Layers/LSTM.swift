/// A long short-term memory, and its cell.
public import Engine
public import KerasCheckpoint
public import Kernels

/// ``LSTMCell`` at each step of a sequence, `[N, T, D]` to `[N, H]` or `[N, T, H]`.
///
/// Weights: those of the cell, `lstm_cell/kernel` `[D, 4H]`, `lstm_cell/recurrent_kernel` `[H, 4H]`,
/// `lstm_cell/bias` `[4H]`.
/// Source: `keras/src/layers/rnn/lstm.py`.
public struct LSTM: RecurrentLayer {
  public static let className = "LSTM"
  public static var legacyKeys: [String: LegacyKey] { legacyCellKeys }

  public var attributes: LayerAttributes
  public var recurrence: RecurrentSettings
  public var cell: LSTMCell

  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    stateful: Bool = false, zeroOutputForMask: Bool = false, name: String? = nil,
    trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    recurrence = RecurrentSettings(
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, zeroOutputForMask: zeroOutputForMask)
    cell = LSTMCell(
      units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
      kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
      biasInitializer: biasInitializer, unitForgetBias: unitForgetBias, dropout: dropout,
      recurrentDropout: recurrentDropout, name: LSTMCell.standardName)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    recurrence = try RecurrentSettings(config: &config)
    cell = try LSTMCell(settings: &config)
  }

  public var settings: [String: JSON] { settings(of: cell.settings) }
  public var step: any Cell { cell }
}

/// With the gates i, f, c, o side by side in `z = x · kernel + h · recurrent + bias`:
/// `c = g(f) · c + g(i) · a(z_c)`, `h = g(o) · a(c)`, where a is the activation and g the recurrent
/// one. The states are h and c.
///
/// Weights: `kernel` `[D, 4H]`, `recurrent_kernel` `[H, 4H]`, `bias` `[4H]`; gates in the order i, f,
/// c, o. With `unitForgetBias` the forget gate starts at 1 (Jozefowicz et al. 2015).
/// Source: `keras/src/layers/rnn/lstm.py`; Hochreiter and Schmidhuber 1997,
/// doi:10.1162/neco.1997.9.8.1735.
public struct LSTMCell: UnitCellLayer {
  public static let className = "LSTMCell"

  public var attributes: LayerAttributes
  public var options: CellSettings
  public var recurrentActivation: Activation
  public var unitForgetBias: Bool

  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    options = CellSettings(
      units: units, activation: activation, useBias: useBias,
      kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
      biasInitializer: biasInitializer, dropout: dropout, recurrentDropout: recurrentDropout)
    self.recurrentActivation = recurrentActivation
    self.unitForgetBias = unitForgetBias
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
    unitForgetBias = try config.bool("unit_forget_bias", default: true)
  }

  public var settings: [String: JSON] {
    var settings = options.config()
    settings["recurrent_activation"] = recurrentActivation.json
    settings["unit_forget_bias"] = .bool(unitForgetBias)
    return settings
  }

  public var kind: RecurrentCell { .lstm }
  public var gateActivation: Activation? { recurrentActivation }

  public var biasSpec: (shape: [Int], settings: WeightSettings) {
    ([4 * options.units], unitForgetBias ? options.bias.opened(options.units) : options.bias)
  }

  public func step(
    _ x: Value, _ states: [Value], recurrentBias: Value?,
    _ products: (_ state: Value, _ gates: Range<Int>) throws -> Value
  ) throws -> [Value] {
    try Self.step(
      x + products(states[0], 0..<4), carry: states[1], options.activation, recurrentActivation)
  }

  /// h and c from the sums of all gates, side by side along the last axis.
  static func step(
    _ sums: Value, carry: Value, _ activation: Activation, _ recurrent: Activation
  ) throws -> [Value] {
    let gates = try sums.split(4, axis: -1)
    let c = try recurrent(gates[1]) * carry + recurrent(gates[0]) * activation(gates[2])
    return [try recurrent(gates[3]) * activation(c), c]
  }
}

extension WeightSettings {
  /// The bias of four gates with the forget gate, the second, at 1.
  func opened(_ units: Int) -> WeightSettings {
    guard let rule = initializer.rule else { return self }
    var settings = self
    settings.initializer = Initializer(
      rule: .runs([
        .init(count: units, rule: rule), .init(count: units, rule: .constant(1)),
        .init(count: 2 * units, rule: rule),
      ]), json: initializer.json)
    return settings
  }
}
