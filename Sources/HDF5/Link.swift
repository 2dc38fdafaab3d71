/// A name in a group. Only hard links are followed: soft links may lead in circles, external ones to
/// other files.
public struct Link: Sendable {
  private let entry: LinkTable.Entry
  private let group: Group

  public enum Kind: Sendable, Hashable {
    case hard
    case soft(target: String)
    case external(file: String, path: String)
    case userDefined(code: Int)
  }

  init(_ entry: LinkTable.Entry, in group: Group) {
    self.entry = entry
    self.group = group
  }

  public var name: String { entry.name }

  public var kind: Kind {
    switch entry.target {
    case .hard: .hard
    case .other(let kind): kind
    }
  }

  /// Where it stands, from the root: the group's own path and the name.
  public var path: String { group.path(of: name) }

  /// The object of a hard link.
  public func node() throws -> Node {
    switch entry.target {
    case .hard(let address):
      return try Node(group.source, at: address, path: path)
    case .other(let kind):
      throw HDF5Error(
        .linkNotFollowed(name: name, kind: kind),
        at: .init(file: group.source.bytes.name, object: path))
    }
  }
}
