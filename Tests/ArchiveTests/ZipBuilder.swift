import Foundation

/// Writes archives field by field, so that each field can be wrong.
struct ZipBuilder {
  struct Entry {
    var name: [UInt8]
    var content: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    var disk: UInt16 = 0
    /// What the directory says; nil for the truth.
    var size: UInt32?
    var compressedSize: UInt32?
    var checksum: UInt32?
    var offset: UInt32?
    /// What the entry's own header says; nil for what the directory says.
    var ownName: [UInt8]?
    var ownFlags: UInt16?
    var ownMethod: UInt16?
    var ownSize: UInt32?
    var ownCompressedSize: UInt32?
    var ownChecksum: UInt32?
    var ownSignature: UInt32 = 0x0403_4B50
    var extra: [UInt8] = []

    init(_ name: String, _ text: String = "content") {
      self.name = Array(name.utf8)
      content = Array(text.utf8)
    }
  }

  var entries: [Entry]
  var comment: [UInt8] = []
  var countInEnd: UInt16?
  var diskInEnd: UInt16 = 0
  var directoryOffset: UInt32?
  var directorySize: UInt32?
  /// Between the directory's last record and the end record.
  var afterDirectory: [UInt8] = []

  init(_ entries: Entry...) { self.entries = entries }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.offset ?? UInt32(file.count)
      let size = entry.size ?? UInt32(entry.content.count)
      let compressed = entry.compressedSize ?? UInt32(entry.content.count)
      let checksum = entry.checksum ?? crc32(entry.content)
      let ownName = entry.ownName ?? entry.name
      file += little(entry.ownSignature) + little(20 as UInt16)
      file += little(entry.ownFlags ?? entry.flags) + little(entry.ownMethod ?? entry.method)
      file += little(0 as UInt32) + little(entry.ownChecksum ?? checksum)
      file += little(entry.ownCompressedSize ?? compressed) + little(entry.ownSize ?? size)
      file += little(UInt16(ownName.count)) + little(0 as UInt16) + ownName + entry.content
      directory += little(0x0201_4B50 as UInt32) + little(20 as UInt16) + little(20 as UInt16)
      directory += little(entry.flags) + little(entry.method) + little(0 as UInt32)
      directory += little(checksum) + little(compressed) + little(size)
      directory += little(UInt16(entry.name.count)) + little(UInt16(entry.extra.count))
      directory += little(0 as UInt16) + little(entry.disk) + little(0 as UInt16)
      directory += little(0 as UInt32) + little(offset) + entry.name + entry.extra
    }
    directory += afterDirectory
    let start = UInt32(file.count)
    let count = countInEnd ?? UInt16(entries.count)
    file += directory + little(0x0605_4B50 as UInt32) + little(diskInEnd) + little(0 as UInt16)
    file += little(count) + little(count)
    file += little(directorySize ?? UInt32(directory.count)) + little(directoryOffset ?? start)
    file += little(UInt16(comment.count)) + comment
    return file
  }

  private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}

/// The checksum of zip, by its definition: the reflected polynomial 0xEDB88320.
func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(UInt32.max) { remainder, byte in
    (0..<8).reduce(remainder ^ UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }
}

/// Calls `body` with the path of a file that holds the bytes.
@discardableResult
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  let file = FileManager.default.temporaryDirectory
    .appending(path: "keratin-\(UUID().uuidString).zip")
  try Data(bytes).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  return try body(file.path)
}
