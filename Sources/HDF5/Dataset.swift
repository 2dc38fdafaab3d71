/// An array in the file. Its shape and type are known at once; its elements are read when asked for.
public import Tensors

public struct Dataset: Sendable {
  /// From the root: `/model_weights/dense/kernel:0`.
  public let path: String
  public var datatype: Datatype { form.datatype }
  /// Nil for a null dataspace; `[]` is a scalar.
  public var shape: Shape? { space.shape }

  let form: DatasetForm
  let source: Source
  let header: ObjectHeader

  var space: Dataspace { form.space }

  /// See `Node.address`.
  public var address: Int { header.address }

  /// All attributes, in the order of their names' bytes.
  public func attributes() throws -> [Attribute] {
    try Attribute.all(of: header, path: path, source)
  }

  /// The attribute of this name, or nil.
  public func attribute(_ name: String) throws -> Attribute? {
    try Attribute.named(name, of: header, path: path, source)
  }

  /// The elements as numbers or booleans.
  public func tensor() throws -> Tensor {
    try naming(object: path) { try reader().tensor() }
  }

  /// The elements as strings, row-major; invalid UTF-8 is repaired.
  public func strings() throws -> [String] {
    try naming(object: path) { try reader().strings() }
  }

  /// The bytes of the elements, row-major, whatever their type: as the file has them, after filters.
  public func opaqueBytes() throws -> [UInt8] {
    try naming(object: path) { try reader().opaqueBytes() }
  }

  /// Lends the bytes of the elements straight from the file, without a copy, as the file has them;
  /// nil where they are not contiguous in it (chunked, or never written).
  public func withContiguousBytes<R>(_ body: (RawSpan) throws -> R) throws -> R? {
    let range: Range<Int>? = try naming(object: path) {
      if case .inFile(let range) = try reader().storage { range } else { nil }
    }
    guard let range else { return nil }
    defer { source.bytes.release(range) }
    return try source.bytes.withBytes(range, body)
  }

  func reader() throws -> ElementReader {
    try ElementReader(dataset: header, datatype, space, source)
  }
}
