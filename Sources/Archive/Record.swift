/// The fields of a record in bytes that nobody vouches for: little-endian, every access checked.
struct Record {
  let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// `count` bytes from an offset, or nil where they are not all there.
  func slice(at offset: Int, count: Int) -> Record? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      return nil
    }
    let start = bytes.startIndex + offset
    return Record(bytes[start..<start + count])
  }

  func uint16(at offset: Int) -> UInt16? { integer(at: offset) }
  func uint32(at offset: Int) -> UInt32? { integer(at: offset) }

  /// A number of 64 bits that is to be a size or an offset here.
  func size(at offset: Int) -> Int? {
    let value: UInt64? = integer(at: offset)
    return value.flatMap { Int(exactly: $0) }
  }

  private func integer<Value: FixedWidthInteger>(at offset: Int) -> Value? {
    slice(at: offset, count: Value.bitWidth / 8)?.bytes.reversed()
      .reduce(0) { $0 << 8 | Value($1) }
  }
}
