/// A name in a group. Only hard links are followed: soft links may lead in circles, external ones to
/// other files.
public struct Link: Sendable {
  public let name: String
  public let kind: Kind
  /// Where it leads, from the root: the group's own path and the name.
  public let path: String

  public enum Kind: Sendable, Hashable {
    case hard
    case soft(target: String)
    case external(file: String, path: String)
    case userDefined(code: Int)
  }

  let source: Source
  let address: Int?

  init(_ entry: LinkTable.Entry, in group: Group) {
    name = entry.name
    kind = entry.kind
    path = group.path(of: entry.name)
    source = group.source
    address = entry.address
  }

  /// The object of a hard link.
  public func node() throws -> Node {
    guard let address else {
      throw HDF5Error(
        .linkNotFollowed(name: name, kind: kind), at: .init(file: source.bytes.name, object: path))
    }
    return try Node(source, at: address, path: path)
  }
}
