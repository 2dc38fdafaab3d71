/// A folder of the file: named links to groups and datasets, and attributes of its own.
public struct Group: Sendable {
  /// From the root: `/`, `/model_weights/dense`.
  public let path: String

  let source: Source
  let header: ObjectHeader

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

  /// All links, in the order of their names' bytes, as h5py lists them.
  public func children() throws -> [Link] {
    try naming(object: path) {
      try source.links(of: header).entries.map { Link($0, in: self) }
    }
  }

  /// The link of this name, of whatever kind, or nil.
  public func child(_ name: String) throws -> Link? {
    try naming(object: path) {
      try source.links(of: header)[name].map { Link($0, in: self) }
    }
  }

  /// The object at a path below this group, such as `dense/kernel:0`, or nil where a name is absent.
  /// Every component must be a hard link, and every one but the last a group.
  public func node(_ path: String) throws -> Node? {
    var node = Node.group(self)
    for name in path.split(separator: "/") where name != "." {
      guard case .group(let group) = node else {
        throw HDF5Error(
          .wrongObject(expected: "group", found: node.kindName),
          at: .init(file: source.bytes.name, object: node.path))
      }
      guard let link = try group.child(String(name)) else { return nil }
      node = try link.node()
    }
    return node
  }

  /// The group at a path below this one, or nil where there is nothing.
  public func group(_ path: String) throws -> Group? {
    guard let node = try node(path) else { return nil }
    guard case .group(let group) = node else { throw wrong(node, expected: "group") }
    return group
  }

  /// The dataset at a path below this group, or nil where there is nothing.
  public func dataset(_ path: String) throws -> Dataset? {
    guard let node = try node(path) else { return nil }
    guard case .dataset(let dataset) = node else { throw wrong(node, expected: "dataset") }
    return dataset
  }

  /// The path of a link in this group.
  func path(of name: String) -> String { path == "/" ? "/" + name : path + "/" + name }

  private func wrong(_ node: Node, expected: String) -> HDF5Error {
    HDF5Error(
      .wrongObject(expected: expected, found: node.kindName),
      at: .init(file: source.bytes.name, object: node.path))
  }
}
