/// What a hard link leads to.
public enum Node: Sendable {
  case group(Group)
  case dataset(Dataset)
  /// A committed datatype, which has a name of its own.
  case datatype(NamedDatatype)

  init(_ source: Source, at address: Int, path: String) throws {
    self = try naming(object: path) {
      let header = try source.header(at: address)
      return switch try source.kind(of: header) {
      case .group: .group(Group(path: path, source: source, header: header))
      case .dataset(let form):
        .dataset(Dataset(path: path, form: form, source: source, header: header))
      case .datatype: .datatype(NamedDatatype(path: path, source: source, header: header))
      }
    }
  }

  public var path: String {
    switch self {
    case .group(let group): group.path
    case .dataset(let dataset): dataset.path
    case .datatype(let datatype): datatype.path
    }
  }

  /// The identity of the object within its file: two links to one object give the same address. A
  /// group may be linked below itself, so whoever walks a tree keeps the set of addresses he has
  /// visited.
  public var address: Int {
    switch self {
    case .group(let group): group.address
    case .dataset(let dataset): dataset.address
    case .datatype(let datatype): datatype.address
    }
  }

  var kindName: String {
    switch self {
    case .group: "group"
    case .dataset: "dataset"
    case .datatype: "committed datatype"
    }
  }
}

/// A committed datatype.
public struct NamedDatatype: Sendable {
  public let path: String
  let source: Source
  let header: ObjectHeader

  /// See `Node.address`.
  public var address: Int { header.address }

  /// The type itself.
  public func datatype() throws -> Datatype {
    try naming(object: path) {
      guard let message = header.first(ObjectHeader.MessageType.datatype) else {
        throw HDF5Error(
          .malformed(structure: .objectHeader, fault: "it has no type"),
          at: .init(file: source.bytes.name, offset: header.address))
      }
      var cursor = try source.cursor(.datatype, of: message)
      return try Datatype(&cursor)
    }
  }
}
