/// A zip archive in memory, for writing: entries are stored as they are, as numpy's `savez` stores them.
internal import CZlib

public struct ZipWriter {
  private var archive: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  public init() {}

  /// Adds an entry. Sizes and places of 4 GiB and more are written as ZIP64 has it.
  ///
  /// - Precondition: the name has at most 65,535 bytes of UTF-8.
  public mutating func add(_ name: String, _ content: [UInt8]) {
    let name = Array(name.utf8)
    precondition(name.count <= UInt16.max, "a name of \(name.count) bytes")
    // SAFETY: zlib reads the bytes of an array that outlives the call.
    let checksum = unsafe content.withUnsafeBufferPointer {
      unsafe crc32_z(0, $0.baseAddress, $0.count)
    }
    let offset = archive.count
    let isLarge = content.count >= Self.large || offset >= Self.large
    // The version that reads it, no flags, stored, the first of January 1980.
    let kind: [UInt8] = [isLarge ? 45 : 20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0]
    let facts = kind + bytes(checksum, 4) + sizes(content.count, isLarge) + bytes(name.count, 2)
    let wide = bytes(content.count, 8) + bytes(content.count, 8)
    archive += [0x50, 0x4B, 3, 4] + facts + extra(isLarge ? wide : []).count2 + name
    archive += extra(isLarge ? wide : []) + content
    let place = extra(isLarge ? wide + bytes(offset, 8) : [])
    directory +=
      [0x50, 0x4B, 1, 2, 45, 0] + facts + place.count2 + [UInt8](repeating: 0, count: 10)
    directory += (isLarge ? bytes(UInt32.max, 4) : bytes(offset, 4)) + name + place
    count += 1
  }

  /// The whole archive.
  public consuming func finished() -> [UInt8] {
    let offset = archive.count
    archive += directory
    let numbers = bytes(directory.count, 8) + bytes(offset, 8)
    if offset >= Self.large || count >= UInt16.max {
      let end = archive.count
      archive += [0x50, 0x4B, 6, 6] + bytes(44, 8) + [45, 0, 45, 0] + bytes(0, 8)
      archive += bytes(count, 8) + bytes(count, 8) + numbers
      archive += [0x50, 0x4B, 6, 7] + bytes(0, 4) + bytes(end, 8) + bytes(1, 4)
    }
    let entries = bytes(min(count, Int(UInt16.max)), 2)
    archive += [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + entries + entries
    archive += bytes(min(directory.count, Self.large), 4) + bytes(min(offset, Self.large), 4)
    archive += [0, 0]
    return archive
  }

  /// From here on a field of 32 bits says that the number stands elsewhere.
  private static let large = Int(UInt32.max)

  private func sizes(_ count: Int, _ isLarge: Bool) -> [UInt8] {
    isLarge ? bytes(UInt32.max, 4) + bytes(UInt32.max, 4) : bytes(count, 4) + bytes(count, 4)
  }

  /// The numbers of 64 bits behind an entry's name.
  private func extra(_ numbers: [UInt8]) -> [UInt8] {
    numbers.isEmpty ? [] : [1, 0] + numbers.count2 + numbers
  }

  /// A number, the lowest byte first.
  private func bytes(_ value: some BinaryInteger, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}

extension [UInt8] {
  /// The number of elements, in two bytes.
  fileprivate var count2: [UInt8] {
    [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)]
  }
}
