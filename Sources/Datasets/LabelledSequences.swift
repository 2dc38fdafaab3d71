public import Tensors

/// Sequences of token ids and a label for each.
public struct LabelledSequences: Sendable, Equatable {
  /// The sequences, one a row.
  public let x: RaggedArray
  /// The labels `(N,)`, in the type in which they are stored.
  public let y: Tensor

  /// - Precondition: the first extent of `y` is the number of rows of `x`.
  public init(x: RaggedArray, y: Tensor) {
    precondition(y.shape.dimensions.first == x.count, "\(x.count) sequences, labels \(y.shape)")
    self.x = x
    self.y = y
  }

  func gathering(_ rows: [Int]) -> LabelledSequences {
    var sequences = RaggedArray()
    sequences.reserveCapacity(
      rows: rows.count, values: rows.reduce(0) { $0 + x[$1].count })
    for row in rows { sequences.append(x[row]) }
    return LabelledSequences(x: sequences, y: y.gathering(rows))
  }
}
