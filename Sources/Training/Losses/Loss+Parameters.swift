/// The numbers that losses have.

extension Loss {
  /// Each is used by the losses that its doc names.
  public struct Parameters: Sendable, Hashable {
    /// Huber: where the square goes over into a line.
    public var delta = 1.0
    /// Focal cross-entropies: the weight, of the class 1 for the binary one. Tversky: the weight of what
    /// is missed.
    public var alpha = 0.25
    /// Tversky: the weight of what is found wrongly.
    public var beta = 0.5
    /// Focal cross-entropies: how fast what is known well loses its weight.
    public var gamma = 2.0
    /// The binary focal cross-entropy: whether classes are weighted by alpha.
    public var balancesClasses = false
    /// The generalized cross-entropy: between cross-entropy, at 0, and absolute error, at 1.
    public var q = 0.5
    /// Cosine similarity: the one axis of a vector. Dice and Tversky: the axes of one picture; nil for all,
    /// those of the batch too.
    public var axes: [Int]?

    init(of function: Function) {
      if function == .tversky { alpha = 0.5 }
      if function == .cosineSimilarity { axes = [-1] }
    }
  }

  public static func huber(delta: Double) -> Loss {
    var loss = huber
    loss.parameters.delta = delta
    return loss
  }
}
