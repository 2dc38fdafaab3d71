/// What stands in the bytes behind an opcode.
extension PickleReader {
  mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw fault(.truncated) }
    defer { position += 1 }
    return bytes[position]
  }

  /// A little-endian number of `width` bytes.
  mutating func unsigned(_ width: Int) throws -> UInt64 {
    guard bytes.count - position >= width else { throw fault(.truncated) }
    defer { position += width }
    var value: UInt64 = 0
    for place in 0..<width { value |= UInt64(bytes[position + place]) << UInt64(8 * place) }
    return value
  }

  /// A two's complement integer with its length before it.
  mutating func long() throws -> Int32 {
    let width = Int(try byte())
    guard width <= 8 else { throw fault(.integerTooWide(bytes: width)) }
    let magnitude = try unsigned(width)
    // Shifted up and down again, the highest bit fills those above it.
    let shift = UInt64(64 - 8 * width)
    let value = width == 0 ? 0 : Int(Int64(bitPattern: magnitude << shift) >> Int64(shift))
    guard let token = Int32(exactly: value) else { throw fault(.integerOutOfRange(value)) }
    return token
  }

  /// The next bytes, as many as a text may have.
  mutating func slice(length: UInt64) throws -> ArraySlice<UInt8> {
    guard length <= UInt64(Self.textLimit) else {
      throw fault(.limit(of: "bytes in a text", Self.textLimit))
    }
    let end = position + Int(length)
    guard end <= bytes.count else { throw fault(.truncated) }
    defer { position = end }
    return bytes[position..<end]
  }

  /// The text up to a line break.
  mutating func line() throws -> String {
    let window = bytes[position...].prefix(Self.textLimit)
    guard let end = window.firstIndex(of: 0x0A) else {
      throw fault(
        window.count < Self.textLimit
          ? .truncated : .limit(of: "bytes in a name", Self.textLimit))
    }
    defer { position = end + 1 }
    return try text(bytes[position..<end])
  }

  func text(_ bytes: ArraySlice<UInt8>) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault(.invalidText) }
    return text
  }

  /// Frames only help a reader of streams to read ahead; the length must be possible.
  mutating func checkFrame() throws {
    let length = try unsigned(8)
    guard length <= UInt64(bytes.count - position) else {
      throw fault(.frame(length: length, remaining: bytes.count - position))
    }
  }
}
