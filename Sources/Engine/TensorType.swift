/// What is known of a value before it is computed.
public import Tensors

/// The shape and element type of a value in a program. Elements are float32 or int32.
public struct TensorType: Sendable, Hashable, CustomStringConvertible {
  public let shape: Shape
  public let dtype: DType

  /// - Precondition: the element type is float32 or int32.
  public init(_ shape: Shape, _ dtype: DType = .float32) {
    precondition(dtype == .float32 || dtype == .int32, "programs compute in float32 and int32")
    self.shape = shape
    self.dtype = dtype
  }

  public var description: String {
    "\(dtype == .float32 ? "f32" : "i32")[\(shape.dimensions.map(String.init).joined(separator: ","))]"
  }
}
