/// A value as the naive reference evaluation sees it.
package import Tensors

/// Float64 elements in row-major order; whole numbers stand for int32. Ops are checked against it,
/// nothing runs on it.
package struct ReferenceTensor: Sendable, Equatable {
  package let shape: Shape
  package var values: [Double]

  /// - Precondition: the counts agree.
  package init(_ shape: Shape, _ values: [Double]) {
    precondition(values.count == shape.count, "\(values.count) values for \(shape)")
    self.shape = shape
    self.values = values
  }

  package init(_ shape: Shape, repeating value: Double = 0) {
    self.init(shape, [Double](repeating: value, count: shape.count))
  }

  /// The element at an index for each axis.
  package subscript(index: Int...) -> Double {
    get { values[offset(index)] }
    set { values[offset(index)] = newValue }
  }

  private func offset(_ index: [Int]) -> Int {
    var offset = 0
    for (axis, position) in index.enumerated() { offset = offset * shape[axis] + position }
    return offset
  }
}
