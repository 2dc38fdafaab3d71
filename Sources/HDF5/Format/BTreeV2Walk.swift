/// A walk over the records of a version 2 B-tree without recursion, every node's checksum held
/// against its bytes. (HDF5 File Format Specification 3.0, section III.A.2.)
struct BTreeV2Walk {
  let type: UInt8
  let recordSize: Int

  private let source: Source
  private let nodeSize: Int
  private var allowance: NodeAllowance
  /// Bytes of a child's count of records.
  private let countSize: Int
  /// Bytes of the count of records in a subtree, by its depth.
  private let totalSizes: [Int]

  private struct Child {
    let address: Int
    let records: Int
    let depth: Int
  }

  private var pending: [Child] = []
  private var visited: Set<Int> = []
  /// The records of the node at hand that were not given yet.
  private var records: Cursor

  /// Reads the header, which must be of one of `types`.
  init(
    _ source: Source, at address: Int, types: Set<UInt8>, _ allowance: NodeAllowance = .charged
  ) throws {
    self.source = source
    self.allowance = allowance
    var cursor = try source.cursor(.bTreeV2, at: address)
    try cursor.signature("BTHD")
    try cursor.version(0...0)
    type = try cursor.u8()
    nodeSize = Int(try cursor.u32())
    recordSize = try cursor.u16()
    let depth = try cursor.u16()
    try cursor.skip(2)  // split and merge percents
    let root = try cursor.address()
    let rootRecords = try cursor.u16()
    _ = try cursor.length()  // all records
    try cursor.checksum(from: address, source)

    guard types.contains(type) else { throw cursor.malformed("its type is \(type)") }
    guard recordSize > 0, nodeSize > 10, depth <= Limits.treeDepth else {
      throw cursor.malformed(
        "records of \(recordSize) bytes in nodes of \(nodeSize), \(depth) levels deep")
    }
    // The widths follow from how many records fit a node at each level.
    var most = (nodeSize - 10) / recordSize
    countSize = most.byteWidth
    var totalSizes = [0]
    var total = most
    for level in 0..<depth {
      let pointer = source.geometry.offsetSize + countSize + totalSizes[level]
      most = max(nodeSize - 10 - pointer, 0) / (recordSize + pointer)
      total = (most + 1).multipliedClamped(by: total).addingClamped(most)
      totalSizes.append(total.byteWidth)
    }
    self.totalSizes = totalSizes
    records = try source.cursor(.bTreeV2, at: address, count: 0)
    if let root {
      pending = [Child(address: root, records: rootRecords, depth: depth)]
    } else if rootRecords > 0 {
      throw cursor.malformed("the address of the root is undefined")
    }
  }

  /// The next record, in no particular order.
  mutating func next() throws -> Cursor? {
    while records.remaining == 0 {
      guard let child = pending.popLast() else { return nil }
      try open(child)
    }
    return try records.part(recordSize)
  }

  private mutating func open(_ child: Child) throws {
    guard visited.insert(child.address).inserted else {
      throw HDF5Error(
        .cycle(structure: .bTreeV2), at: .init(file: source.bytes.name, offset: child.address))
    }
    var cursor = try source.cursor(.bTreeV2, at: child.address)
    try cursor.signature(child.depth == 0 ? "BTLF" : "BTIN")
    try cursor.version(0...0)
    guard try cursor.u8() == type else { throw cursor.malformed("a node is of another type") }
    guard child.records.multipliedClamped(by: recordSize) <= nodeSize - 10 else {
      throw cursor.malformed("\(child.records) records in a node of \(nodeSize) bytes")
    }
    records = try cursor.part(child.records * recordSize)
    if child.depth > 0 {
      for _ in 0...child.records {
        let address = try cursor.definedAddress(of: "child")
        let count = try cursor.count(size: countSize)
        if child.depth > 1 { try cursor.skip(totalSizes[child.depth - 1]) }
        try allowance.spend(on: .bTreeV2, at: address, source)
        pending.append(Child(address: address, records: count, depth: child.depth - 1))
      }
    }
    guard cursor.position - child.address <= nodeSize - 4 else {
      throw cursor.malformed("a node is larger than \(nodeSize) bytes")
    }
    try cursor.checksum(from: child.address, source)
  }
}

extension Int {
  /// How many bytes HDF5 gives to a number that is at most this one (`H5VM_limit_enc_size`).
  var byteWidth: Int { self <= 0 ? 1 : (bitWidth - leadingZeroBitCount - 1) / 8 + 1 }
}
