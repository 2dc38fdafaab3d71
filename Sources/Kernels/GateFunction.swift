/// The functions that gates and candidates of recurrent cells can have.

/// Functions whose derivative follows from their value, so that a cell keeps its gates and needs
/// nothing else for its gradient. The raw values are the codes of the C loops.
package enum GateFunction: Int32, Sendable, CaseIterable {
  case linear, relu, sigmoid, tanh
  /// Keras 3: relu6(x + 3) / 6.
  case hardSigmoid
  /// Keras 1 and 2: 0.2 x + 0.5, clipped to 0…1.
  case hardSigmoidKeras2
  case softsign, exponential
  /// With alpha 1.
  case elu
}
