/// One test for each kind of error, and for the sentences.
import Foundation
import HDF5
import TestSupport
import Testing

struct ReadErrorTests {
  @Test func `a missing file says what the system says`() throws {
    let found = try kind { _ = try File(path: "/nowhere/model.h5") }
    #expect(found == .cannotOpen(reason: "No such file or directory"))
  }

  @Test func `a folder is not a file`() throws {
    #expect(try kind { _ = try File(path: "/tmp") } == .notARegularFile)
  }

  @Test func `an empty file is said to be empty`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "empty.h5")
      try Data().write(to: url)
      #expect(try kind { _ = try File(path: url.path) } == .empty)
    }
    #expect(try kind { _ = try File(bytes: [], name: "empty") } == .empty)
  }

  @Test func `another format is not HDF5`() throws {
    let text = [UInt8](String(repeating: "{\"layers\": []}", count: 100).utf8)
    #expect(try kind { _ = try File(bytes: text, name: "model.json") } == .notHDF5)
  }

  @Test func `an address beyond the end is out of bounds`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x08, at: try file.address(of: "weights/kernel"))
    file.put(UInt64(file.bytes.count - 4), size: 8, at: message + 10)
    let dataset = try #require(try file.open().root.dataset("weights/kernel"))
    #expect(
      try kind { _ = try dataset.tensor() }
        == .outOfBounds(structure: .elements, needed: 24, available: 4))
  }

  @Test func `a missing signature is named`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x11, at: try file.address(of: "plain"))
    file.put(0, size: 4, at: file.number(size: 8, at: message + 8))
    let found = try kind { _ = try file.open().root.node("plain/child") }
    #expect(found == .badSignature(structure: .groupBTree, expected: "TREE"))
  }

  @Test func `a version from the future is named`() throws {
    var file = try DamagedFile("earliest")
    file.put(9, size: 1, at: 8)
    #expect(
      try kind { _ = try file.open() } == .unsupportedVersion(structure: .superblock, version: 9))
  }

  @Test func `the virtual layout is listed and not read`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x08, at: try file.address(of: "weights/kernel"))
    file.put(3, size: 1, at: message + 9)
    let dataset = try #require(try file.open().root.dataset("weights/kernel"))
    #expect(dataset.layout == .virtual)
    #expect(
      try kind { _ = try dataset.tensor() } == .unsupported(feature: "the virtual dataset layout"))
  }

  @Test func `another filter is named`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x0B, at: try file.address(of: "weights/summed"))
    file.put(4, size: 2, at: message + 16)
    let dataset = try #require(try file.open().root.dataset("weights/summed"))
    #expect(try kind { _ = try dataset.tensor() } == .unsupported(feature: "the filter szip"))
  }

  @Test func `a contradiction is damage`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x01, at: try file.address(of: "weights/kernel"))
    file.put(200, size: 1, at: message + 9)
    let found = try kind { _ = try file.open().root.node("weights/kernel") }
    #expect(found == .malformed(structure: .dataspace, fault: "the rank is 200, above 32"))
  }

  @Test func `a wrong checksum of metadata is found`() throws {
    var file = try DamagedFile("latest")
    let header = try file.address(of: "weights")
    file.bytes[header + 20] ^= 1
    let found = try kind { _ = try file.open().root.node("weights") }
    guard case .checksum(.objectHeader, let stored, let computed) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(stored != computed)
  }

  @Test(arguments: ["earliest", "latest"])
  func `a wrong checksum of a chunk is found`(fixture: String) throws {
    var file = try DamagedFile(fixture)
    // Elements 0, 1, 2, 3, and behind them the sum that makes this pattern unique.
    let place = try file.find([0, 1, 2, 3, 4, 2, 5, 2])
    file.bytes[place + 2] ^= 0x40
    let dataset = try #require(try file.open().root.dataset("weights/summed"))
    guard case .checksum(.chunk, _, _) = try kind({ _ = try dataset.tensor() }) else {
      Issue.record("read")
      return
    }
  }

  @Test func `only hard links are followed, at any place in a path`() throws {
    let root = try DamagedFile("earliest").open().root
    #expect(
      try kind { _ = try root.node("soft/kernel") }
        == .linkNotFollowed(name: "soft", kind: .soft(target: "/weights")))
    #expect(
      try kind { _ = try root.node("weights/up/messages/external") }
        == .linkNotFollowed(name: "external", kind: .external(file: "other.h5", path: "/weights")))
  }

  @Test func `an object of another kind is said to be one`() throws {
    let root = try DamagedFile("latest").open().root
    #expect(
      try kind { _ = try root.group("late") } == .wrongObject(expected: "group", found: "dataset"))
    #expect(
      try kind { _ = try root.dataset("weights") }
        == .wrongObject(expected: "dataset", found: "group"))
    #expect(
      try kind { _ = try root.node("late/deeper") }
        == .wrongObject(expected: "group", found: "dataset"))
    #expect(try root.node("weights/absent") == nil)
  }

  @Test func `strings are not numbers, nor numbers strings`() throws {
    let root = try DamagedFile("latest").open().root
    let names = try #require(try root.dataset("weights/names"))
    let kernel = try #require(try root.dataset("weights/kernel"))
    #expect(
      try kind { _ = try names.tensor() }
        == .wrongDatatype(expected: "numbers", found: names.datatype))
    #expect(
      try kind { _ = try kernel.strings() }
        == .wrongDatatype(expected: "strings", found: kernel.datatype))
  }

  @Test func `a null dataspace has no elements`() throws {
    let null = try #require(try DamagedFile("latest").open().root.dataset("null"))
    #expect(null.shape == nil)
    #expect(try kind { _ = try null.tensor() } == .noElements)
  }

  @Test func `a shape that its bytes do not fill is damage`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x01, at: try file.address(of: "weights/kernel"))
    file.put(1, size: 8, at: message + 16)
    let dataset = try #require(try file.open().root.dataset("weights/kernel"))
    #expect(try kind { _ = try dataset.tensor() } == .storedSize(declared: 12, stored: 24))
    #expect(
      try kind { _ = try dataset.withContiguousBytes { $0.byteCount } }
        == .storedSize(declared: 12, stored: 24))
  }

  @Test func `a damaged deflate stream is found`() throws {
    var file = try DamagedFile("earliest")
    let stream = try file.find([0x78, 0x5E])
    file.bytes[stream + 2] = 0xFF
    let dataset = try #require(try file.open().root.dataset("weights/chunked"))
    #expect(
      try kind { _ = try dataset.tensor() } == .inflate(reason: "it is not a zlib stream"))
  }

  @Test func `a chunk inflates to what it declares and no further`() throws {
    var file = try DamagedFile("earliest")
    let message = try file.message(0x08, at: try file.address(of: "weights/chunked"))
    // Two elements a chunk instead of four, so that each stream holds twice what it may.
    let extents = try file.find([4, 0, 0, 0, 2, 0, 0, 0], from: message)
    file.put(2, size: 4, at: extents)
    let dataset = try #require(try file.open().root.dataset("weights/chunked"))
    #expect(
      try kind { _ = try dataset.tensor() }
        == .inflate(reason: "it holds more than the 4 declared bytes"))
  }

  @Test func `a sentence says where, what and what to do`() throws {
    let root = try DamagedFile("earliest").open().root
    let error = try #require(throws: HDF5Error.self) { try root.node("weights/up/soft") }
    #expect(
      error.description
        == "damaged.h5, /weights/up/soft: \"soft\" is a soft link to \"/weights\", "
        + "which is not followed; only hard links are")
    let cut = try #require(throws: HDF5Error.self) {
      try File(bytes: Array(DamagedFile("latest").bytes.prefix(1000)), name: "cut.h5")
    }
    #expect(
      cut.description
        == "cut.h5: truncated: by its superblock the file has at least 9604 bytes, but only 1000 "
        + "are there; fetch the file again, or take an earlier checkpoint")
  }
}
