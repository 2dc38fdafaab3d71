import DurableFiles
import Foundation
import Testing

@Suite struct DurableFileTests {
  let folder: Folder
  let bytes = Array("new".utf8)

  init() throws { folder = try Folder() }

  @Test func `a new file has the bytes, and nothing is left beside it`() throws {
    try DurableFile.write(bytes, to: folder.path("a"))
    #expect(try folder.text("a") == "new")
    #expect(try folder.names == ["a"])
  }

  @Test func `an empty file can be written`() throws {
    try DurableFile.write([], to: folder.path("a"))
    #expect(try folder.text("a") == "")
  }

  @Test func `pieces follow one another, and count from commit on`() throws {
    try folder.put("old", in: "a")
    let file = try DurableFile(replacing: folder.path("a"))
    try file.write(Array("one ".utf8))
    try file.write(Array("two".utf8))
    #expect(try folder.text("a") == "old")
    try file.commit()
    #expect(try folder.text("a") == "one two")
    #expect(try folder.names == ["a"])
  }

  @Test func `without commit the old file stands and nothing is left`() throws {
    try folder.put("old", in: "a")
    do {
      let file = try DurableFile(replacing: folder.path("a"))
      try file.write(bytes)
    }
    #expect(try folder.text("a") == "old")
    #expect(try folder.names == ["a"])
  }

  @Test(arguments: [0o640, 0o600, 0o666, 0o755])
  func `permissions of the old file are kept`(permissions: Int) throws {
    try folder.put("old", in: "a")
    try FileManager.default.setAttributes(
      [.posixPermissions: permissions], ofItemAtPath: folder.path("a"))
    try DurableFile.write(bytes, to: folder.path("a"))
    #expect(try folder.permissions("a") == permissions)
    #expect(try folder.text("a") == "new")
  }

  @Test func `a new file has the permissions that the process gives`() throws {
    let plain = unsafe open(folder.path("plain"), O_CREAT | O_WRONLY, 0o666)
    close(plain)
    try DurableFile.write(bytes, to: folder.path("a"))
    #expect(try folder.permissions("a") == folder.permissions("plain"))
  }

  @Test func `symbolic links stay, and the file they lead to is replaced`() throws {
    let inner = folder.url.appending(path: "inner")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
    try folder.put("old", in: "inner/real")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("inner/link"), withDestinationPath: "real")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: "inner/link")
    try DurableFile.write(bytes, to: folder.path("link"))
    #expect(try folder.text("inner/real") == "new")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "inner/link"
    )
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: inner.path).sorted() == ["link", "real"])
  }

  @Test func `a link that leads nowhere yet gets its file`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: folder.path("real"))
    try DurableFile.write(bytes, to: folder.path("link"))
    #expect(try folder.text("real") == "new")
    #expect(try folder.names == ["link", "real"])
  }

  @Test func `a name as long as the file system allows can be written`() throws {
    let name = String(repeating: "é", count: 127)
    try DurableFile.write(bytes, to: folder.path(name))
    #expect(try folder.names == [name])
  }

  @Test func `a file is written in the current directory by its bare name`() throws {
    let name = "keratin-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: name) }
    try DurableFile.write(bytes, to: name)
    #expect(FileManager.default.contents(atPath: name) == Data(bytes))
  }
}
