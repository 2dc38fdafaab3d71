/// A dense row-major array of numbers: what a file stores, a user passes in and a prediction gives.
///
/// A tensor is a value; the engine computes in memory of its own and copies in and out once.
public struct Tensor: Sendable, Equatable {
  public let shape: Shape
  public let scalars: Scalars

  /// - Precondition: `scalars` holds exactly `shape.count` elements.
  public init(shape: Shape, scalars: Scalars) {
    precondition(
      scalars.count == shape.count, "\(scalars.count) elements do not fill a tensor of \(shape)")
    self.shape = shape
    self.scalars = scalars
  }

  /// A float32 tensor.
  public init(_ shape: Shape, _ values: [Float]) {
    self.init(shape: shape, scalars: .float32(values))
  }

  /// An int32 tensor.
  public init(_ shape: Shape, _ values: [Int32]) {
    self.init(shape: shape, scalars: .int32(values))
  }

  public var dtype: DType { scalars.dtype }
  public var count: Int { shape.count }

  /// The same elements under another shape.
  ///
  /// - Precondition: both shapes have the same count.
  public func reshaped(to shape: Shape) -> Tensor { Tensor(shape: shape, scalars: scalars) }
}
