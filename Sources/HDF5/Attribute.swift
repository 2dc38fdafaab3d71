/// A named value of a group or dataset. Its type is known at once, its value read when asked for, so
/// that one that cannot be read does not hide the others.
public import Tensors

public struct Attribute: Sendable {
  public let name: String
  public let datatype: Datatype
  /// Nil for a null dataspace; `[]` is a scalar.
  public let shape: Shape?

  let source: Source
  let entry: AttributeTable.Entry
  let objectPath: String
  let objectAddress: Int

  init(_ entry: AttributeTable.Entry, of address: Int, path: String, _ source: Source) {
    name = entry.name
    datatype = entry.datatype
    shape = entry.dataspace?.shape
    self.source = source
    self.entry = entry
    objectPath = path
    objectAddress = address
  }

  static func all(of header: ObjectHeader, path: String, _ source: Source) throws -> [Attribute] {
    try naming(object: path) {
      try source.attributes(of: header).entries.map {
        Attribute($0, of: header.address, path: path, source)
      }
    }
  }

  static func named(
    _ name: String, of header: ObjectHeader, path: String, _ source: Source
  ) throws -> Attribute? {
    try naming(object: path) {
      try source.attributes(of: header).entries.first { $0.name.utf8.elementsEqual(name.utf8) }
        .map { Attribute($0, of: header.address, path: path, source) }
    }
  }

  /// The decoded value.
  public func value() throws -> AttributeValue {
    try naming(object: objectPath, attribute: name) {
      if let problem = entry.problem { throw problem }
      guard let space = entry.dataspace, space.shape != nil else { return .empty }
      let reader = try ElementReader(
        attribute: entry.data, datatype, space, of: objectAddress, source)
      switch datatype.kind {
      case .fixedString, .variableString:
        let strings = try reader.strings()
        if let only = strings.first, space.shape?.rank == 0 { return .string(only) }
        return .strings(strings)
      case .opaque:
        return .opaque(try reader.opaqueBytes())
      case .integer, .floatingPoint, .boolean, .enumeration, .unsupported:
        return .tensor(try reader.tensor())
      }
    }
  }
}

/// The value of an attribute; its shape stands beside it in `Attribute.shape`.
public enum AttributeValue: Sendable, Equatable {
  /// A scalar string.
  case string(String)
  /// Strings of any other shape, row-major.
  case strings([String])
  case tensor(Tensor)
  /// The bytes of opaque elements, one behind the other.
  case opaque([UInt8])
  /// A null dataspace.
  case empty
}
