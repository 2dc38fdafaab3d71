import Archive
import Foundation
import Testing

/// One test for each thing that an archive can have wrong.
@Suite struct HostileArchiveTests {
  private func expect(
    _ kind: ArchiveError.Kind, in entry: String? = nil, opening archive: ZipBuilder,
    limits: ZipLimits = ZipLimits(), sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expect(
      kind, in: entry, opening: archive.bytes, limits: limits, sourceLocation: sourceLocation)
  }

  private func expect(
    _ kind: ArchiveError.Kind, in entry: String? = nil, opening bytes: [UInt8],
    limits: ZipLimits = ZipLimits(), sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withFile(bytes) { path in
      let error = #expect(throws: ArchiveError.self, sourceLocation: sourceLocation) {
        try ZipArchive(path: path, limits: limits)
      }
      #expect(error?.kind == kind, sourceLocation: sourceLocation)
      #expect(error?.entry == entry, sourceLocation: sourceLocation)
      #expect(error?.path == path, sourceLocation: sourceLocation)
    }
  }

  private func with(_ change: (inout ZipBuilder.Entry) -> Void) -> ZipBuilder {
    var entry = ZipBuilder.Entry("a")
    change(&entry)
    return ZipBuilder(entry)
  }

  // The file

  @Test func `a missing file says so`() {
    let error = #expect(throws: ArchiveError.self) { try ZipArchive(path: "/nowhere/x.npz") }
    #expect(error?.kind == .cannotOpen(code: ENOENT))
    #expect(
      error?.description == "/nowhere/x.npz: cannot open the file: No such file or directory.")
  }

  @Test func `a directory and a device are refused`() {
    for path in ["/tmp", "/dev/null"] {
      let error = #expect(throws: ArchiveError.self) { try ZipArchive(path: path) }
      #expect(error?.kind == .notRegularFile)
    }
  }

  @Test(arguments: ["", "P", "PK\u{3}\u{4}", "PK\u{5}\u{6}"])
  func `what is no archive is refused`(text: String) throws {
    try expect(.notZip, opening: Array(text.utf8))
    try expect(.notZip, opening: Array(text.utf8) + [UInt8](repeating: 0x50, count: 100_000))
  }

  @Test func `an archive cut off anywhere is refused`() throws {
    let whole = ZipBuilder(.init("a"), .init("b")).bytes
    for length in whole.indices {
      try withFile(Array(whole[..<length])) { path in
        #expect(throws: ArchiveError.self, "cut to \(length)") { try ZipArchive(path: path) }
      }
    }
  }

  @Test func `a byte changed anywhere gives an error or the same content`() throws {
    let whole = ZipBuilder(.init("a"), .init("b")).bytes
    for position in whole.indices {
      for change in [UInt8(1), 0x80, 0xFF] {
        var bytes = whole
        bytes[position] ^= change
        try withFile(bytes) { path in
          guard let archive = try? ZipArchive(path: path) else { return }
          for entry in archive.entries {
            guard let content = try? archive.contents(of: entry.name) else { continue }
            #expect(content == Array("content".utf8), "byte \(position)")
          }
        }
      }
    }
  }

  @Test func `an archive over several disks is refused`() throws {
    var archive = ZipBuilder(.init("a"))
    archive.diskInEnd = 1
    try expect(.multipleDisks, opening: archive)
    try expect(.multipleDisks, in: "a", opening: with { $0.disk = 1 })
  }

  @Test func `a directory in another place than said is refused`() throws {
    var archive = ZipBuilder(.init("a"))
    archive.directoryOffset = 5
    try expect(.misplacedDirectory, opening: archive)
    archive = ZipBuilder(.init("a"))
    archive.directorySize = .max
    try expect(.misplacedDirectory, opening: archive)
  }

  @Test func `a directory of fewer or more records than said is refused`() throws {
    var archive = ZipBuilder(.init("a"))
    let directory = 30 + 1 + 7
    archive.countInEnd = 2
    try expect(.damagedDirectory(offset: directory + 47), opening: archive)
    archive.countInEnd = 0
    try expect(.damagedDirectory(offset: directory), opening: archive)
    archive = ZipBuilder(.init("a"))
    archive.afterDirectory = [1, 2, 3]
    try expect(.damagedDirectory(offset: directory + 47), opening: archive)
  }

  @Test func `limits of the directory hold`() throws {
    var limits = ZipLimits()
    limits.entries = 1
    let archive = ZipBuilder(.init("a"), .init("b"))
    try expect(.tooManyEntries(count: 2, limit: 1), opening: archive, limits: limits)
    limits = ZipLimits()
    limits.directorySize = 50
    try expect(.directoryTooLarge(size: 94, limit: 50), opening: archive, limits: limits)
  }

  // An entry

  @Test func `a name twice is refused`() throws {
    try expect(.duplicateName, in: "a", opening: ZipBuilder(.init("a"), .init("b"), .init("a")))
  }

  @Test(arguments: [
    ("", ArchiveError.NameFault.empty), ("/etc/passwd", .absolute), ("..", .parentFolder),
    ("../a", .parentFolder), ("a/../../b", .parentFolder), ("a/..", .parentFolder),
    ("a\\b", .backslash), ("a\0b", .nul),
  ])
  func `an unsafe name is refused`(name: String, fault: ArchiveError.NameFault) throws {
    try expect(.unsafeName(fault), in: name, opening: ZipBuilder(.init(name)))
  }

  @Test func `a name that is not UTF-8 is refused`() throws {
    try expect(
      .unsafeName(.notUTF8), in: "\u{FFFD}", opening: with { $0.name = [0xFF] })
  }

  @Test func `dots that lead nowhere are part of a name`() throws {
    try withFile(ZipBuilder(.init("a..b/.c/kernel:0.npy")).bytes) { path in
      let archive = try ZipArchive(path: path)
      #expect(archive.entries.map(\.name) == ["a..b/.c/kernel:0.npy"])
    }
  }

  @Test(arguments: [0x1, 0x40, 0x2000] as [UInt16])
  func `an encrypted entry is refused`(flag: UInt16) throws {
    try expect(.encrypted, in: "a", opening: with { $0.flags = flag })
  }

  @Test(arguments: [1, 9, 12, 14, 93, 99] as [UInt16])
  func `other methods than stored and deflate are refused`(method: UInt16) throws {
    try expect(.unsupportedMethod(Int(method)), in: "a", opening: with { $0.method = method })
  }

  @Test func `a header that is none is refused`() throws {
    try expect(
      .damagedHeader(offset: 0), in: "a", opening: with { $0.ownSignature = 0x0403_4B51 })
    // In the middle of the content.
    try expect(.damagedHeader(offset: 3), in: "a", opening: with { $0.offset = 3 })
  }

  @Test func `a header that disagrees with the directory is refused`() throws {
    func check(
      _ field: ArchiveError.Field, _ change: (inout ZipBuilder.Entry) -> Void
    ) throws {
      try expect(.headersDisagree(field), in: "a", opening: with(change))
    }
    try check(.name) { $0.ownName = Array("b".utf8) }
    try check(.flags) { $0.ownFlags = 0x800 }
    try check(.method) { $0.ownMethod = 8 }
    try check(.checksum) { $0.ownChecksum = 1 }
    try check(.size) { $0.ownSize = 6 }
    try check(.compressedSize) { $0.ownCompressedSize = 6 }
  }

  @Test func `content beyond its part of the file is refused`() throws {
    try expect(.beyondData, in: "a", opening: with { ($0.size, $0.compressedSize) = (8, 8) })
    try expect(.beyondData, in: "a", opening: with { $0.offset = 0x7FFF_FFFF })
    // A 64-bit size is said to stand in an extra field that is not there.
    try expect(
      .damagedDirectory(offset: 38), opening: with { $0.compressedSize = .max })
    // One that is there, and overflows every sum.
    var extra: [UInt8] = [1, 0, 8, 0]
    extra += [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
    try expect(
      .storedSizes(size: .max, compressed: 7), in: "a",
      opening: with { ($0.size, $0.extra) = (.max, extra) })
  }

  @Test func `entries that share bytes are refused`() throws {
    var second = ZipBuilder.Entry("a")
    second.offset = 0
    try expect(.duplicateName, in: "a", opening: ZipBuilder(.init("a"), second))
    // A whole second entry inside the content of the first, as an overlapping bomb has it.
    let inner = ZipBuilder(.init("b")).bytes
    var outer = ZipBuilder.Entry("a")
    outer.content = Array(inner[..<38])
    second = .init("b")
    second.offset = 31
    try expect(.overlap(with: "a"), in: "b", opening: ZipBuilder(outer, second))
  }

  @Test func `stored content of two sizes is refused`() throws {
    try expect(.storedSizes(size: 8, compressed: 7), in: "a", opening: with { $0.size = 8 })
  }

  @Test func `more than deflate can give is refused before anything is inflated`() throws {
    try expect(
      .ratioTooHigh(size: 7 * 1032 + 1, compressed: 7, limit: 1032), in: "a",
      opening: with { ($0.method, $0.size) = (8, 7 * 1032 + 1) })
    try expect(
      .inflatedTooLarge(size: 1 << 30 | 1, limit: 1 << 30), in: "a",
      opening: with { ($0.method, $0.size) = (8, 1 << 30 | 1) })
  }

  // The content

  private func expect(
    _ kind: ArchiveError.Kind, reading archive: ZipBuilder,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withFile(archive.bytes) { path in
      let archive = try ZipArchive(path: path)
      let error = #expect(throws: ArchiveError.self, sourceLocation: sourceLocation) {
        try archive.contents(of: "a")
      }
      #expect(error?.kind == kind, sourceLocation: sourceLocation)
      #expect(error?.entry == "a", sourceLocation: sourceLocation)
    }
  }

  @Test func `an entry that is not there lists those that are`() throws {
    try expect(.noEntry(entries: ["b", "c"]), reading: ZipBuilder(.init("b"), .init("c")))
  }

  @Test func `content with another checksum is refused`() throws {
    try expect(.wrongChecksum, reading: with { $0.checksum = 1 })
  }

  /// "content" as deflate stores it: one final block of 7 bytes as they are.
  private let deflated: [UInt8] = [1, 7, 0, 0xF8, 0xFF] + Array("content".utf8)

  @Test func `deflated content is inflated`() throws {
    let archive = with {
      ($0.method, $0.content, $0.size) = (8, deflated, 7)
      $0.checksum = crc32(Array("content".utf8))
    }
    try withFile(archive.bytes) { path in
      let content = try ZipArchive(path: path).contents(of: "a")
      #expect(content == Array("content".utf8))
    }
  }

  @Test func `content that inflates to less or more than declared is refused`() throws {
    for size in [6, 8] as [UInt32] {
      let archive = with {
        ($0.method, $0.content, $0.size) = (8, deflated, size)
        $0.checksum = crc32(Array("content".utf8))
      }
      try withFile(archive.bytes) { path in
        let archive = try ZipArchive(path: path)
        let error = #expect(throws: ArchiveError.self) { try archive.contents(of: "a") }
        #expect(error?.kind == .wrongSize(expected: Int(size), found: 7))
      }
    }
  }

  @Test func `content that is no deflate stream is refused`() throws {
    // The first block is of the type that deflate does not have.
    try expect(
      .inflate(reason: "invalid block type"),
      reading: with { ($0.method, $0.content) = (8, [7, 7, 7]) })
    let checksum = crc32(Array("content".utf8))
    try expect(
      .inflate(reason: "it ends in the middle"),
      reading: with {
        ($0.method, $0.content, $0.size, $0.checksum) = (8, Array(deflated[..<9]), 7, checksum)
      })
    try expect(
      .inflate(reason: "it ends before its bytes do"),
      reading: with {
        ($0.method, $0.content, $0.size, $0.checksum) = (8, deflated + [0], 7, checksum)
      })
  }
}
