/// Where the elements of a dataset are: in the header, in one run, or in chunks.
/// (HDF5 File Format Specification 3.0, section IV.A.2.i; versions 1 to 4.)
enum DataLayout: Sendable {
  case compact(Range<Int>)
  /// `address` is nil where nothing was written yet; versions 1 and 2 give no size.
  case contiguous(address: Int?, size: Int?)
  case chunked(ChunkedLayout)
  case virtual

  init(_ cursor: inout Cursor, rank: Int) throws {
    let version = try cursor.version(1...4)
    self =
      version < 3
      ? try Self.readOld(&cursor, rank: rank)
      : try Self.readNew(&cursor, rank: rank, version: version)
  }

  private static func readOld(_ cursor: inout Cursor, rank: Int) throws -> DataLayout {
    let dimensionality = Int(try cursor.u8())
    let kind = try cursor.u8()
    try cursor.skip(5)
    let address = kind == 0 ? nil : try cursor.address()
    var dimensions: [Int] = []
    for _ in 0..<dimensionality { dimensions.append(Int(try cursor.u32())) }
    switch kind {
    case 0:
      let size = Int(try cursor.u32())
      return .compact(try cursor.part(size).range)
    case 1:
      return .contiguous(address: address, size: nil)
    case 2:
      return .chunked(
        try ChunkedLayout(dimensions, rank: rank, index: .bTreeV1(address), cursor))
    default:
      throw cursor.malformed("the class is \(kind)")
    }
  }

  private static func readNew(
    _ cursor: inout Cursor, rank: Int, version: Int
  ) throws -> DataLayout {
    switch try cursor.u8() {
    case 0:
      let size = try cursor.u16()
      return .compact(try cursor.part(size).range)
    case 1:
      let address = try cursor.address()
      return .contiguous(address: address, size: try cursor.length())
    case 2 where version == 3:
      let dimensionality = Int(try cursor.u8())
      let address = try cursor.address()
      var dimensions: [Int] = []
      for _ in 0..<dimensionality { dimensions.append(Int(try cursor.u32())) }
      return .chunked(
        try ChunkedLayout(dimensions, rank: rank, index: .bTreeV1(address), cursor))
    case 2:
      return .chunked(try ChunkedLayout(version4: &cursor, rank: rank))
    case 3:
      return .virtual
    case let kind:
      throw cursor.malformed("the class is \(kind)")
    }
  }
}

/// A dataset in chunks: their extents, and the index that finds them.
struct ChunkedLayout: Sendable {
  /// Elements of a chunk along each axis.
  let extents: [Int]
  let elementSize: Int
  /// Bytes of a chunk before any filter.
  let chunkBytes: Int
  let index: Index
  /// Chunks that reach beyond the shape were stored without filters.
  let leavesPartialChunksUnfiltered: Bool

  /// The kinds of index; an undefined address means that no chunk was written.
  enum Index: Sendable {
    case bTreeV1(Int?)
    /// One chunk; its size and the mask of skipped filters, where it is filtered.
    case single(Int?, filtered: (size: Int, mask: UInt32)?)
    case implicit(Int?)
    case fixedArray(Int?)
    case extensibleArray(Int?)
    case bTreeV2(Int?)
  }

  /// - Parameter dimensions: one for each axis, and the size of an element at the end.
  init(
    _ dimensions: [Int], rank: Int, index: Index, leavesPartialChunksUnfiltered: Bool = false,
    _ cursor: Cursor
  ) throws {
    guard dimensions.count == rank + 1, rank > 0, let elementSize = dimensions.last else {
      throw cursor.malformed(
        "chunks of \(dimensions.count - 1) axes in a dataspace of \(rank)")
    }
    let bytes = dimensions.reduce(1) { $0.multipliedClamped(by: $1) }
    // The format gives chunks less than 4 GiB.
    guard dimensions.allSatisfy({ $0 > 0 }), bytes < 1 << 32 else {
      throw cursor.malformed("chunks of \(dimensions) are empty or too large")
    }
    self.extents = Array(dimensions.dropLast())
    self.elementSize = elementSize
    self.chunkBytes = bytes
    self.index = index
    self.leavesPartialChunksUnfiltered = leavesPartialChunksUnfiltered
  }

  init(version4 cursor: inout Cursor, rank: Int) throws {
    let flags = try cursor.u8()
    let dimensionality = Int(try cursor.u8())
    let width = Int(try cursor.u8())
    guard (1...8).contains(width) else { throw cursor.malformed("extents of \(width) bytes") }
    var dimensions: [Int] = []
    for _ in 0..<dimensionality { dimensions.append(try cursor.count(size: width)) }
    let index: Index
    switch try cursor.u8() {
    case 1:
      var filtered: (size: Int, mask: UInt32)?
      if flags & 0b10 != 0 { filtered = (try cursor.length(), try cursor.u32()) }
      index = .single(try cursor.address(), filtered: filtered)
    case 2:
      index = .implicit(try cursor.address())
    case 3:
      try cursor.skip(1)  // the array's header says it too
      index = .fixedArray(try cursor.address())
    case 4:
      try cursor.skip(5)
      index = .extensibleArray(try cursor.address())
    case 5:
      try cursor.skip(6)
      index = .bTreeV2(try cursor.address())
    case let kind:
      throw cursor.malformed("the chunk index is of kind \(kind)")
    }
    try self.init(
      dimensions, rank: rank, index: index, leavesPartialChunksUnfiltered: flags & 1 != 0, cursor)
  }
}
