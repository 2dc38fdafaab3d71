/// The first block of a file: widths of addresses, the end of the file and the root group.
/// (HDF5 File Format Specification 3.0, section II.A.)
struct Superblock: Sendable, Hashable {
  let version: Int
  let geometry: Geometry
  /// Where the object header of the root group begins.
  let root: Int

  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  init(of bytes: FileBytes) throws {
    guard bytes.count > 0 else { throw HDF5Error(.empty, at: .init(file: bytes.name)) }
    let start = try Self.find(in: bytes)
    do {
      try self.init(of: bytes, at: start)
    } catch let error as HDF5Error {
      guard case .outOfBounds(_, let needed, _) = error.kind, let offset = error.location.offset
      else { throw error }
      throw HDF5Error(
        .truncated(expected: offset + needed, found: bytes.count), at: .init(file: bytes.name))
    }
  }

  private init(of bytes: FileBytes, at start: Int) throws {
    var cursor = try Cursor(bytes, Geometry(), .superblock, at: start)
    try cursor.skip(Self.signature.count)
    version = try cursor.version(0...3)
    if version < 2 {
      (geometry, root) = try Self.readOld(&cursor, version: version, at: start)
    } else {
      (geometry, root) = try Self.readNew(&cursor, at: start)
    }
  }

  /// The signature stands at byte 0, or behind a user block of 512, 1024, 2048 … bytes.
  private static func find(in bytes: FileBytes) throws -> Int {
    var start = 0
    while start <= bytes.count - signature.count {
      let found = bytes.withBytes(start..<start + signature.count) { $0.array == signature }
      if found { return start }
      start = start == 0 ? 512 : start * 2
    }
    // A file that stops within the signature is a truncated one, not one of another format.
    if bytes.count < signature.count,
      bytes.withBytes(0..<bytes.count, { $0.array.elementsEqual(signature.prefix(bytes.count)) })
    {
      throw HDF5Error(
        .truncated(expected: signature.count, found: bytes.count), at: .init(file: bytes.name))
    }
    throw HDF5Error(.notHDF5, at: .init(file: bytes.name))
  }

  /// Versions 0 and 1.
  private static func readOld(
    _ cursor: inout Cursor, version: Int, at start: Int
  ) throws -> (Geometry, Int) {
    try cursor.skip(1 + 1 + 1 + 1)  // versions of free space, root entry; reserved; shared headers
    var geometry = try widths(&cursor)
    try cursor.skip(1 + 2 + 2 + 4)  // reserved; leaf and internal node K; consistency flags
    if version == 1 { try cursor.skip(2 + 2) }  // chunk B-tree K; reserved
    let declaredEnd = try addresses(&cursor, &geometry, at: start) { cursor in
      _ = try cursor.number(size: cursor.geometry.offsetSize)  // free space
    }
    _ = try cursor.address()  // driver information
    // The root group's symbol table entry: name offset, then header address.
    _ = try cursor.address()
    let root = try cursor.definedAddress(of: "root group")
    try check(declaredEnd, cursor)
    return (geometry, root)
  }

  /// Versions 2 and 3.
  private static func readNew(_ cursor: inout Cursor, at start: Int) throws -> (Geometry, Int) {
    var geometry = try widths(&cursor)
    try cursor.skip(1)  // consistency flags
    let declaredEnd = try addresses(&cursor, &geometry, at: start) { cursor in
      _ = try cursor.address()  // superblock extension
    }
    let root = try cursor.definedAddress(of: "root group")
    try cursor.checksum(from: start)
    try check(declaredEnd, cursor)
    return (geometry, root)
  }

  private static func widths(_ cursor: inout Cursor) throws -> Geometry {
    let offsetSize = Int(try cursor.u8())
    let lengthSize = Int(try cursor.u8())
    guard [2, 4, 8].contains(offsetSize), [2, 4, 8].contains(lengthSize) else {
      throw cursor.unsupported("addresses of \(offsetSize) and lengths of \(lengthSize) bytes")
    }
    return Geometry(offsetSize: offsetSize, lengthSize: lengthSize)
  }

  /// Reads base address, whatever `between` reads, and the end of the file, which it returns.
  ///
  /// Like libhdf5, it takes the place of the superblock for the base, so that a user block may be
  /// added or removed without rewriting the file, and moves the end along.
  private static func addresses(
    _ cursor: inout Cursor, _ geometry: inout Geometry, at start: Int,
    _ between: (inout Cursor) throws -> Void
  ) throws -> Int {
    cursor = try Cursor(cursor.bytes, geometry, .superblock, at: cursor.position)
    let declaredBase = try cursor.definedAddress(of: "superblock")
    try between(&cursor)
    let declaredEnd = try cursor.definedAddress(of: "file's end")
    let (moved, underflow) = declaredEnd.subtractingReportingOverflow(declaredBase)
    let (end, overflow) = moved.addingReportingOverflow(start)
    guard !underflow, !overflow, end > start else {
      throw cursor.malformed("the end of the file is before its start")
    }
    geometry.base = start
    geometry.end = end
    cursor = try Cursor(cursor.bytes, geometry, .superblock, at: cursor.position)
    return end
  }

  private static func check(_ declaredEnd: Int, _ cursor: Cursor) throws {
    guard declaredEnd <= cursor.bytes.count else {
      throw HDF5Error(
        .truncated(expected: declaredEnd, found: cursor.bytes.count),
        at: .init(file: cursor.bytes.name))
    }
  }
}
