/// Reductions along any axes.
package import Tensors

extension Value {
  /// The sum along `axes`, which go from 0 or, negative, from the end.
  public func sum(axes: [Int], keepDims: Bool = false) throws(EngineError) -> Value {
    try reduced(.sum, axes, keepDims)
  }

  /// The mean along `axes`; NaN where there is nothing to average.
  public func mean(axes: [Int], keepDims: Bool = false) throws(EngineError) -> Value {
    try reduced(.mean, axes, keepDims)
  }

  /// The maximum along `axes`; NaN where an element is. Equal maxima share
  /// its gradient.
  ///
  /// - Throws: `EngineError` where there is an empty axis among them.
  public func max(axes: [Int], keepDims: Bool = false) throws(EngineError) -> Value {
    try reduced(.max, axes, keepDims)
  }

  private func reduced(
    _ function: Reduce.Function, _ axes: [Int], _ keepDims: Bool
  ) throws(EngineError) -> Value {
    var isReduced = [Bool](repeating: false, count: rank)
    for axis in axes {
      let position = try shape.axis(axis, of: function.rawValue)
      guard !isReduced[position] else {
        throw EngineError(
          .options(op: function.rawValue, reason: "the axis \(axis) is named twice"))
      }
      isReduced[position] = true
    }
    var result = self
    var upper = rank
    while upper > 0 {
      guard isReduced[upper - 1] else {
        upper -= 1
        continue
      }
      let lower = (isReduced[..<upper].lastIndex(of: false) ?? -1) + 1
      result = try result.apply(Reduce(function, axes: lower..<upper))
      upper = lower
    }
    guard keepDims else { return result }
    return try result.reshaped(
      Shape(shape.dimensions.enumerated().map { isReduced[$0.offset] ? 1 : $0.element }))
  }

  /// The sum over what broadcasting repeated: the gradient of an operand of shape `shape`.
  ///
  /// - Precondition: `shape` broadcasts to this one, or both are broadcast from it.
  package func summed(to shape: Shape) throws(EngineError) -> Value {
    guard self.shape != shape else { return self }
    // A gradient may itself be smaller than the operand, where it was not spread out yet.
    guard let full = self.shape.broadcast(with: shape) else { return try reshaped(shape) }
    guard full == self.shape else { return try broadcast(to: full).summed(to: shape) }
    let leading = rank - shape.rank
    let axes = (0..<rank).filter {
      $0 < leading || (shape[$0 - leading] == 1 && self.shape[$0] != 1)
    }
    return try sum(axes: axes).reshaped(shape)
  }
}
