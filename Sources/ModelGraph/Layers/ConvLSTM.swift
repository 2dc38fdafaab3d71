/// Convolutional long short-term memories along one to three axes.
public import Engine
public import KerasCheckpoint

/// ``ConvLSTMCell`` at each step of a sequence: `[N, T, A, C]` to `[N, A', F]` or `[N, T, A', F]`, and so
/// with two and three axes between steps and channels.
///
/// Weights: those of the cell, after its name, `conv_lstm_cell`.
/// Source: `keras/src/layers/rnn/conv_lstm.py`.
public protocol ConvLSTMLayer: RecurrentLayer {
  /// The number of axes that windows go along.
  static var spatialRank: Int { get }
  var cell: ConvLSTMCell { get set }
  init(recurrence: RecurrentSettings, cell: ConvLSTMCell)
}

public struct ConvLSTM1D: ConvLSTMLayer {
  public static let className = "ConvLSTM1D"
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var recurrence: RecurrentSettings
  public var cell: ConvLSTMCell
  public init(recurrence: RecurrentSettings, cell: ConvLSTMCell) {
    self.recurrence = recurrence
    self.cell = cell
  }
}

public struct ConvLSTM2D: ConvLSTMLayer {
  public static let className = "ConvLSTM2D"
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var recurrence: RecurrentSettings
  public var cell: ConvLSTMCell
  public init(recurrence: RecurrentSettings, cell: ConvLSTMCell) {
    self.recurrence = recurrence
    self.cell = cell
  }
}

public struct ConvLSTM3D: ConvLSTMLayer {
  public static let className = "ConvLSTM3D"
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var recurrence: RecurrentSettings
  public var cell: ConvLSTMCell
  public init(recurrence: RecurrentSettings, cell: ConvLSTMCell) {
    self.recurrence = recurrence
    self.cell = cell
  }
}

extension ConvLSTMLayer {
  public static var legacyKeys: [String: LegacyKey] {
    legacyCellKeys.merging(WindowSettings.legacyKeys) { $1 }
  }

  /// - Parameters:
  ///   - strides: 1 unless given, as is `dilationRate`.
  /// - Precondition: there is one of each for every axis.
  public init(
    filters: Int, kernelSize: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    dataFormat: DataFormat = .channelsLast, dilationRate: [Int]? = nil,
    activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, biasInitializer: Initializer = .zeros,
    unitForgetBias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    stateful: Bool = false, name: String? = nil, trainable: Bool = true
  ) {
    var cell = ConvLSTMCell(
      CellSettings(
        units: filters, activation: activation, useBias: useBias,
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
        biasInitializer: biasInitializer, dropout: dropout, recurrentDropout: recurrentDropout),
      windows: WindowSettings(
        rank: Self.spatialRank, kernelSize: kernelSize, strides: strides, padding: padding,
        dataFormat: dataFormat, dilationRate: dilationRate))
    cell.recurrentActivation = recurrentActivation
    cell.unitForgetBias = unitForgetBias
    self.init(
      recurrence: RecurrentSettings(
        returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
        stateful: stateful), cell: cell)
    attributes = LayerAttributes(name: name, trainable: trainable)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    self.init(
      recurrence: try RecurrentSettings(config: &config),
      cell: try ConvLSTMCell(&config, rank: Self.spatialRank))
    self.attributes = attributes
  }

  public var settings: [String: JSON] { settings(of: cell.settings) }
  public var step: any Cell { cell }
}
