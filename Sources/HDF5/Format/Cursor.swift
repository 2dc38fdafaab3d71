/// A position in a part of a file: every number that a file declares is read through one, and
/// reading beyond the part's end throws.
struct Cursor: Sendable {
  let bytes: FileBytes
  let geometry: Geometry
  let structure: HDF5Error.Structure

  /// Bytes from the start of the file.
  private(set) var position: Int
  let end: Int

  /// Reads `range` of the file, which must lie within it.
  init(
    _ bytes: FileBytes, _ geometry: Geometry, _ structure: HDF5Error.Structure, at start: Int,
    count: Int? = nil
  ) throws {
    self.bytes = bytes
    self.geometry = geometry
    self.structure = structure
    self.position = start
    let limit = min(bytes.count, geometry.end)
    guard start >= 0, start <= limit else {
      throw HDF5Error(
        .outOfBounds(structure: structure, needed: count ?? 1, available: 0),
        at: .init(file: bytes.name, offset: start))
    }
    if let count {
      guard count >= 0, count <= limit - start else {
        throw HDF5Error(
          .outOfBounds(structure: structure, needed: count, available: limit - start),
          at: .init(file: bytes.name, offset: start))
      }
      self.end = start + count
    } else {
      self.end = limit
    }
  }

  var remaining: Int { end - position }
  var range: Range<Int> { position..<end }

  mutating func number(size: Int) throws -> UInt64 {
    try need(size)
    let value = bytes.number(at: position, size: size)
    position += size
    return value
  }

  mutating func u8() throws -> UInt8 { UInt8(truncatingIfNeeded: try number(size: 1)) }
  mutating func u16() throws -> Int { Int(truncatingIfNeeded: try number(size: 2)) }
  mutating func u32() throws -> UInt32 { UInt32(truncatingIfNeeded: try number(size: 4)) }

  /// A number of `size` bytes that must fit an `Int`.
  mutating func count(size: Int) throws -> Int {
    let start = position
    guard let value = Int(exactly: try number(size: size)) else {
      throw malformed("a size is beyond 2^63", at: start)
    }
    return value
  }

  /// A number of the superblock's "size of lengths".
  mutating func length() throws -> Int { try count(size: geometry.lengthSize) }

  /// A number of the superblock's "size of lengths", nil where all its bits are set.
  mutating func optionalLength() throws -> Int? {
    let size = geometry.lengthSize
    let value = try number(size: size)
    return value == Geometry.ones(size) ? nil : Int(exactly: value)
  }

  /// An address as bytes from the start of the file, nil where undefined (all bits set).
  mutating func address() throws -> Int? {
    let start = position
    let value = try number(size: geometry.offsetSize)
    if value == Geometry.ones(geometry.offsetSize) { return nil }
    guard let relative = Int(exactly: value) else {
      throw malformed("an address is beyond 2^63", at: start)
    }
    let (absolute, overflow) = relative.addingReportingOverflow(geometry.base)
    guard !overflow else { throw malformed("an address is beyond 2^63", at: start) }
    return absolute
  }

  /// An address that must be defined.
  mutating func definedAddress(of what: String) throws -> Int {
    let start = position
    guard let address = try address() else {
      throw malformed("the address of the \(what) is undefined", at: start)
    }
    return address
  }

  mutating func skip(_ count: Int) throws {
    try need(count)
    position += count
  }

  /// A cursor over the next `count` bytes, which this one passes over.
  mutating func part(_ count: Int, of structure: HDF5Error.Structure? = nil) throws -> Cursor {
    try need(count)
    let part = try Cursor(
      bytes, geometry, structure ?? self.structure, at: position, count: count)
    position += count
    return part
  }

  /// Copies the next `count` bytes.
  mutating func take(_ count: Int) throws -> [UInt8] {
    try need(count)
    defer { position += count }
    return bytes.withBytes(position..<position + count) { $0.array }
  }

  /// The next `count` bytes as text, invalid UTF-8 repaired.
  mutating func text(_ count: Int) throws -> String { String(repairing: try take(count)) }

  /// The text up to the next NUL, which this cursor passes over too.
  mutating func terminatedText() throws -> String {
    let start = position
    let length = bytes.withBytes(position..<position + min(remaining, Limits.nameLength)) { span in
      var length = 0
      while length < span.byteCount, span[byte: length] != 0 { length += 1 }
      return length < span.byteCount ? length : nil
    }
    guard let length else { throw malformed("a name has no end", at: start) }
    let text = try text(length)
    try skip(1)
    return text
  }

  /// Passes over `expected`, or throws.
  mutating func signature(_ expected: String) throws {
    let start = position
    guard try take(expected.utf8.count).elementsEqual(expected.utf8) else {
      throw HDF5Error(
        .badSignature(structure: structure, expected: expected),
        at: .init(file: bytes.name, offset: start))
    }
  }

  /// Passes over a version byte and gives it, or throws where it is not one of `allowed`.
  @discardableResult
  mutating func version(_ allowed: ClosedRange<Int>) throws -> Int {
    let start = position
    let version = Int(try u8())
    guard allowed.contains(version) else {
      throw HDF5Error(
        .unsupportedVersion(structure: structure, version: version),
        at: .init(file: bytes.name, offset: start))
    }
    return version
  }

  /// Reads the checksum that stands here and holds it against the bytes since `start`; `source`
  /// remembers which blocks were found whole, so that an index that is walked often is summed once.
  mutating func checksum(from start: Int, _ source: Source? = nil) throws {
    let range = start..<position
    if let source, try !source.mustSum(range) { return try skip(4) }
    let computed = bytes.withBytes(range) { lookup3($0) }
    let place = position
    let stored = try u32()
    guard stored == computed else {
      throw HDF5Error(
        .checksum(structure: structure, stored: stored, computed: computed),
        at: .init(file: bytes.name, offset: place))
    }
    source?.wasSummed(range)
  }

  /// The error that this structure contradicts itself.
  func malformed(_ fault: String, at offset: Int? = nil) -> HDF5Error {
    HDF5Error(
      .malformed(structure: structure, fault: fault),
      at: .init(file: bytes.name, offset: offset ?? position))
  }

  /// The error that something is deliberately not read.
  func unsupported(_ feature: String) -> HDF5Error {
    HDF5Error(.unsupported(feature: feature), at: .init(file: bytes.name, offset: position))
  }

  private func need(_ count: Int) throws {
    guard count >= 0, count <= remaining else {
      throw HDF5Error(
        .outOfBounds(structure: structure, needed: count, available: remaining),
        at: .init(file: bytes.name, offset: position))
    }
  }
}

/// The widths and bounds that the superblock gives to every other structure.
struct Geometry: Sendable, Hashable {
  /// Bytes of an address.
  var offsetSize = 8
  /// Bytes of a length.
  var lengthSize = 8
  /// Where addresses count from: the superblock, behind a user block where there is one.
  var base = 0
  /// Where the file ends, in bytes from its start.
  var end = Int.max

  /// The number of `size` bytes with all bits set.
  static func ones(_ size: Int) -> UInt64 { size >= 8 ? .max : (1 << UInt64(8 * size)) - 1 }
}

extension String {
  /// The text of UTF-8 bytes; what is not valid becomes U+FFFD, so that no file fails by it.
  init(repairing bytes: some Collection<UInt8>) { self = String(decoding: bytes, as: UTF8.self) }
}
