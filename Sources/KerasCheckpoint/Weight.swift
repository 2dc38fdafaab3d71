package import HDF5
public import Tensors

/// A stored array under the name its layer gave it.
///
/// A weight of a file is read when its tensor is asked for, not before.
public struct Weight: Sendable {
  /// The name as stored: `conv1d/kernel:0` or `sequential/conv1d/kernel`.
  public var name: String
  public let shape: Shape
  public let dtype: DType
  package let source: Source

  package enum Source: Sendable {
    case tensor(Tensor)
    case dataset(Dataset)
  }

  /// A weight in memory.
  public init(name: String, tensor: Tensor) {
    self.name = name
    shape = tensor.shape
    dtype = tensor.dtype
    source = .tensor(tensor)
  }

  /// The values; of a file, read anew at each call.
  ///
  /// - Throws: `HDF5Error` where the file is damaged there.
  public func tensor() throws -> Tensor {
    switch source {
    case .tensor(let tensor): tensor
    case .dataset(let dataset): try dataset.weightTensor()
    }
  }

  /// Lends the bytes of the values where they lie in the file, without a copy; nil unless they are
  /// float32, contiguous, and in this machine's order of bytes.
  package func withFloat32Bytes<Result>(
    _ body: (RawSpan) throws -> Result
  ) throws -> Result? {
    guard dtype == .float32, case .dataset(let dataset) = source,
      dataset.datatype.byteOrder == .little
    else { return nil }
    return try dataset.withContiguousBytes(body)
  }

  /// Whether the values are here already, and not still in a file.
  package var isInMemory: Bool {
    if case .tensor = source { true } else { false }
  }

  /// The name without the `:0` of Keras 2: `conv1d/kernel`.
  package var path: String { name.hasSuffix(":0") ? String(name.dropLast(2)) : name }

  /// The last part of the name, without the `:0` of Keras 2: `kernel`.
  public var baseName: String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
