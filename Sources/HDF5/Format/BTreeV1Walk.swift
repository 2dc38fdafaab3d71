/// A walk over the nodes of a version 1 B-tree without recursion: each node once, each level below
/// its parent's. (HDF5 File Format Specification 3.0, section III.A.1.)
struct BTreeV1Walk {
  /// A node whose cursor stands at its first key.
  struct Node {
    let level: Int
    let entriesUsed: Int
    var cursor: Cursor
  }

  private let source: Source
  private let structure: HDF5Error.Structure
  private let type: UInt8
  private var pending: [(address: Int, level: Int?)]
  private var visited: Set<Int> = []
  private var allowance: NodeAllowance

  init(
    _ source: Source, _ structure: HDF5Error.Structure, type: UInt8, root: Int,
    _ allowance: NodeAllowance = .charged
  ) {
    self.allowance = allowance
    self.source = source
    self.structure = structure
    self.type = type
    pending = [(root, nil)]
  }

  /// Leaves `address`, a child of `node`, to be given by a later `next()`.
  mutating func push(_ address: Int, below node: Node) throws {
    try allowance.spend(on: structure, at: address, source)
    pending.append((address, node.level - 1))
  }

  /// Marks a block as reached; false where it was already.
  mutating func visit(_ address: Int) -> Bool { visited.insert(address).inserted }

  func cycle(at address: Int) -> HDF5Error {
    HDF5Error(
      .cycle(structure: structure), at: .init(file: source.bytes.name, offset: address))
  }

  mutating func next() throws -> Node? {
    guard let (address, expectedLevel) = pending.popLast() else { return nil }
    guard visit(address) else { throw cycle(at: address) }
    var cursor = try source.cursor(structure, at: address)
    try cursor.signature("TREE")
    guard try cursor.u8() == type else { throw cursor.malformed("a node is of another type") }
    let level = Int(try cursor.u8())
    if let expectedLevel, level != expectedLevel {
      throw cursor.malformed("a node of level \(level) stands where \(expectedLevel) belongs")
    }
    let used = try cursor.u16()
    _ = try cursor.address()  // siblings
    _ = try cursor.address()
    return Node(level: level, entriesUsed: used, cursor: cursor)
  }
}

/// What a walk may spend on nodes.
enum NodeAllowance {
  /// Each is charged to the file's metadata: for what is decoded once and remembered.
  case charged
  /// So many: for an index of chunks, which is walked at each read, by the count of its chunks.
  case atMost(Int)

  mutating func spend(
    on structure: HDF5Error.Structure, at address: Int, _ source: Source
  ) throws {
    switch self {
    case .charged:
      try source.charge(metadata: Limits.blockCost)
    case .atMost(let left):
      guard left > 0 else {
        throw HDF5Error(
          .malformed(structure: structure, fault: "it has more nodes than its chunks can need"),
          at: .init(file: source.bytes.name, offset: address))
      }
      self = .atMost(left - 1)
    }
  }
}
