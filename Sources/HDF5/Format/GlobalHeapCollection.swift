/// One collection of the global heap: where the texts of variable-length strings are.
/// (HDF5 File Format Specification 3.0, section III.E.)
struct GlobalHeapCollection: Sendable {
  /// Where each object's bytes are in the file, by its index.
  private var objects: [UInt16: Range<Int>] = [:]

  init(_ source: Source, at address: Int) throws {
    var cursor = try source.cursor(.globalHeap, at: address)
    try cursor.signature("GCOL")
    try cursor.version(1...1)
    try cursor.skip(3)
    let size = try cursor.length()
    let headerSize = cursor.position - address
    guard size >= headerSize else { throw cursor.malformed("a collection of \(size) bytes") }
    var body = try cursor.part(size - headerSize)
    let objectHeader = 2 + 2 + 4 + source.geometry.lengthSize
    while body.remaining >= objectHeader {
      let index = try body.u16()
      try body.skip(2 + 4)  // reference count; reserved
      let size = try body.length()
      // Index 0 is the free space, which ends the collection.
      guard index != 0 else { break }
      try source.charge(metadata: Limits.heapObjectCost)
      let object = try body.part(size).range
      objects[UInt16(truncatingIfNeeded: index)] = object
      try body.skip(min((8 - size % 8) % 8, body.remaining))
    }
  }

  subscript(index: UInt32) -> Range<Int>? {
    UInt16(exactly: index).flatMap { objects[$0] }
  }
}
