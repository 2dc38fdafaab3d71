public import Tensors

/// What a group of an HDF5 file is to hold: a tree described whole, then written by one call.
///
///     var root = GroupContent()
///     root.attributes.append(AttributeContent("backend", .string("tensorflow", encoding: .utf8)))
///     try root.insert(DatasetContent(kernel), at: "model_weights/dense/dense/kernel:0")
///     try root.write(to: "best_model.h5")
public struct GroupContent: Sendable {
  /// In the order in which they are created.
  public var attributes: [AttributeContent]

  /// The links of the group, in the order in which they are created. No name occurs twice.
  public var children: [(name: String, node: NodeContent)]

  public init(
    attributes: [AttributeContent] = [], children: [(name: String, node: NodeContent)] = []
  ) {
    self.attributes = attributes
    self.children = children
  }

  /// The deepest a tree may go. Keras's own files stay below ten; walks of the tree recurse, so a
  /// name made of thousands of slashes must not reach them.
  public static let maximumDepth = 128

  /// Adds an attribute at the end.
  public mutating func set(_ name: String, _ value: AttributeContentValue) {
    attributes.append(AttributeContent(name, value))
  }

  /// The child of this name.
  public func child(_ name: String) -> NodeContent? {
    position(of: name).map { children[$0].node }
  }

  /// Puts a dataset at a path from this group such as `dense/kernel:0`, creating the groups on the
  /// way that do not exist yet.
  public mutating func insert(_ dataset: DatasetContent, at path: String) throws(WritingError) {
    try insert(.dataset(dataset), at: path)
  }

  /// Puts a group at a path from this group, creating the groups on the way.
  public mutating func insert(_ group: GroupContent, at path: String) throws(WritingError) {
    try insert(.group(group), at: path)
  }

  /// Puts a node at a path from this group. As in HDF5, slashes at the ends and doubled ones do
  /// not count.
  ///
  /// - Throws: where a dataset stands on the way, where the path is taken or names nothing, and
  ///   where it is deeper than ``maximumDepth``.
  public mutating func insert(_ node: NodeContent, at path: String) throws(WritingError) {
    let names = path.split(separator: "/").map(String.init)
    guard !names.isEmpty else { throw WritingError(.invalidName(path), object: path) }
    guard names.count <= Self.maximumDepth else {
      throw WritingError(.tooDeep(limit: Self.maximumDepth), object: path)
    }
    try insert(node, under: names[...], of: path)
  }

  private mutating func insert(
    _ node: NodeContent, under names: ArraySlice<String>, of path: String
  ) throws(WritingError) {
    guard let name = names.first else { return }
    let rest = names.dropFirst()
    guard let position = position(of: name) else {
      if rest.isEmpty {
        children.append((name, node))
      } else {
        var group = GroupContent()
        try group.insert(node, under: rest, of: path)
        children.append((name, .group(group)))
      }
      return
    }
    guard !rest.isEmpty, case .group(var group) = children[position].node else {
      throw WritingError(rest.isEmpty ? .nameTaken : .notAGroup(name), object: path)
    }
    // Let go of the tree's own reference first, so that the insertion copies nothing.
    children[position].node = .group(GroupContent())
    defer { children[position].node = .group(group) }
    try group.insert(node, under: rest, of: path)
  }

  private func position(of name: String) -> Int? {
    // Trees grow at their end: the last child is the likeliest.
    if children.last?.name == name { return children.count - 1 }
    return children.firstIndex { $0.name == name }
  }
}

/// What a link of a group leads to.
public indirect enum NodeContent: Sendable {
  case group(GroupContent)
  case dataset(DatasetContent)
}

/// What a dataset is to hold: a tensor, stored contiguous and without filters as h5py's default is,
/// and the dataset's attributes.
public struct DatasetContent: Sendable {
  public var tensor: Tensor
  public var attributes: [AttributeContent]

  public init(_ tensor: Tensor, attributes: [AttributeContent] = []) {
    self.tensor = tensor
    self.attributes = attributes
  }
}
