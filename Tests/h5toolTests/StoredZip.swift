/// Zip archives without compression, as numpy's `savez` writes them, and lists as it pickles them.
enum StoredZip {
  static func bytes(_ entries: [(name: String, content: [UInt8])]) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for (name, content) in entries {
      let size = UInt32(content.count)
      // The date, the checksum, both sizes, and the lengths of the name and of nothing.
      let facts = numbers((0x21, 4), (checksum(content), 4), (size, 4), (size, 4))
      let lengths = numbers((UInt32(name.utf8.count), 2), (0, 2))
      directory += numbers((0x0201_4B50, 4), (20, 2), (20, 2), (0, 4)) + facts + lengths
      directory += numbers((0, 2), (0, 4), (0, 4), (UInt32(archive.count), 4)) + Array(name.utf8)
      archive += numbers((0x0403_4B50, 4), (20, 2), (0, 4)) + facts + lengths
      archive += Array(name.utf8) + content
    }
    let count = UInt32(entries.count)
    let end = numbers(
      (0x0605_4B50, 4), (0, 4), (count, 2), (count, 2), (UInt32(directory.count), 4),
      (UInt32(archive.count), 4), (0, 2))
    return archive + directory + end
  }

  /// Numbers with the bytes that they take, the lowest first.
  private static func numbers(_ values: (UInt32, Int)...) -> [UInt8] {
    values.flatMap { value, size in
      (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
  }

  /// CRC-32 as zip uses it.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~crc
  }
}

/// An `.npy` file with an object array of lists, in the pickle protocol 4.
enum ListArray {
  static func npyBytes(_ rows: [[Int32]]) -> [UInt8] {
    let header = "{'descr': '|O', 'fortran_order': False, 'shape': (\(rows.count),)}\n"
    return [0x93] + "NUMPY".utf8 + [1, 0, UInt8(header.utf8.count), 0] + header.utf8 + pickle(rows)
  }

  /// `_reconstruct(ndarray, (0,), b'b')` with the state `(1, shape, dtype('O8'), False, rows)`.
  private static func pickle(_ rows: [[Int32]]) -> [UInt8] {
    var bytes: [UInt8] = [0x80, 4]
    bytes += global("numpy._core.multiarray", "_reconstruct") + global("numpy", "ndarray")
    bytes += int(0) + [0x85, 0x43, 1, 0x62, 0x87, 0x52]
    bytes += Array("(".utf8) + int(1)
    bytes += Array("(".utf8) + int(Int32(rows.count)) + Array("t".utf8)
    bytes += global("numpy", "dtype") + text("O8") + [0x89, 0x88, 0x87, 0x52]
    bytes += Array("(".utf8) + int(3) + text("|") + Array("NNN".utf8)
    bytes += int(-1) + int(-1) + int(63) + Array("tb".utf8)
    bytes.append(0x89)
    bytes += list(rows.map { list($0.map(int)) }) + Array("tb.".utf8)
    return bytes
  }

  private static func list(_ items: [[UInt8]]) -> [UInt8] {
    Array("](".utf8) + items.joined() + "e".utf8
  }

  private static func global(_ module: String, _ name: String) -> [UInt8] {
    text(module) + text(name) + [0x93]
  }

  private static func text(_ text: String) -> [UInt8] {
    [0x8C, UInt8(text.utf8.count)] + text.utf8
  }

  private static func int(_ value: Int32) -> [UInt8] {
    [0x4A] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
