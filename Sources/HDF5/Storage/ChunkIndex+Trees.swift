/// The two B-trees of chunks.
extension ChunkIndex {
  /// The index of all chunked datasets before HDF5 1.10, and still h5py's by default.
  /// (HDF5 File Format Specification 3.0, section III.A.1, node type 1.)
  func readBTreeV1(at address: Int, _ give: (Record) throws -> Void) throws {
    var walk = BTreeV1Walk(source, .chunkBTree, type: 1, root: address, nodeAllowance)
    while var node = try walk.next() {
      for _ in 0..<node.entriesUsed {
        let size = Int(try node.cursor.u32())
        let mask = try node.cursor.u32()
        var position: [Int] = []
        for extent in layout.extents {
          let offset = try node.cursor.count(size: 8)
          guard offset % extent == 0 || node.level > 0 else {
            throw node.cursor.malformed("a chunk begins at element \(offset), within another")
          }
          position.append(offset / extent)
        }
        try node.cursor.skip(8)  // the offset within an element, zero
        let child = try node.cursor.definedAddress(of: "chunk")
        if node.level > 0 {
          try walk.push(child, below: node)
        } else {
          try give(Record(position: position, address: child, size: size, skippedFilters: mask))
        }
      }
    }
  }

  /// The index of datasets with more than one unlimited axis, since HDF5 1.10.
  /// (Section III.A.2, record types 10 and 11.)
  func readBTreeV2(at address: Int, _ give: (Record) throws -> Void) throws {
    var walk = try BTreeV2Walk(source, at: address, types: [isFiltered ? 11 : 10], nodeAllowance)
    let fixed = source.geometry.offsetSize + 8 * layout.extents.count
    let width = isFiltered ? walk.recordSize - fixed - 4 : 0
    guard isFiltered ? (1...8).contains(width) : walk.recordSize == fixed else {
      throw try source.cursor(.bTreeV2, at: address).malformed(
        "chunk records of \(walk.recordSize) bytes")
    }
    while var record = try walk.next() {
      let address = try record.definedAddress(of: "chunk")
      let size = isFiltered ? try record.count(size: width) : layout.chunkBytes
      let mask = isFiltered ? try record.u32() : 0
      var position: [Int] = []
      for _ in layout.extents { position.append(try record.count(size: 8)) }
      try give(Record(position: position, address: address, size: size, skippedFilters: mask))
    }
  }
}
