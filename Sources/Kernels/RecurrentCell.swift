/// The kinds of recurrent layers.

public enum RecurrentCell: Sendable, Hashable {
  case lstm
  /// A GRU whose reset gate acts on the product of the state, or else on the state before it.
  case gru(resetsAfter: Bool)
  case simple

  /// The runs of units that a row of its products has.
  public var gates: Int {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .simple: 1
    }
  }

  /// h, and for an LSTM c.
  public var states: Int { self == .lstm ? 2 : 1 }

  /// Whether the state's products have a gradient of their own, beside that of the input's.
  var dividesGradient: Bool { self == .gru(resetsAfter: true) }
}
