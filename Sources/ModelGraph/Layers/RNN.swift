/// A recurrent layer of any cell.
public import KerasCheckpoint

/// A cell at each step of a sequence, `[N, T, D]` to `[N, H]` or `[N, T, H]`. Cells of Keras alone are run;
/// one of somebody's own is refused by its name.
///
/// Weights: those of the cell, after its name. Source: `keras/src/layers/rnn/rnn.py`.
public struct RNN: RecurrentLayer {
  public static let className = "RNN"

  public var attributes: LayerAttributes
  public var recurrence: RecurrentSettings
  public private(set) var cell: any CellLayer

  public init(
    _ cell: any CellLayer, returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false, zeroOutputForMask: Bool = false,
    name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    recurrence = RecurrentSettings(
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, zeroOutputForMask: zeroOutputForMask)
    self.cell = cell
    if cell.name.isEmpty { self.cell.name = type(of: cell).standardName }
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    recurrence = try RecurrentSettings(config: &config)
    guard let layer = try config.layer("cell") else { throw config.missing("cell") }
    guard let cell = layer as? any CellLayer else {
      throw config.unsupported("cell", "a cell of class \(type(of: layer).className)")
    }
    self.cell = cell
    if cell.name.isEmpty { self.cell.name = type(of: cell).standardName }
  }

  public var settings: [String: JSON] {
    var settings = recurrence.config
    settings["cell"] = cell.entry(.complete)
    if let regularizer = recurrence.activityRegularizer {
      settings["activity_regularizer"] = regularizer.json
    }
    return settings
  }

  public var step: any Cell { cell }
  public var wrapped: [any Layer] { [cell] }
}
