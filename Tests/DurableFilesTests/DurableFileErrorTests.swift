import DurableFiles
import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// What cannot be replaced is refused, and what stands there stays as it is.
@Suite struct DurableFileErrorTests {
  let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.put("old", in: "file")
  }

  private func refusal(of path: String) -> DurableFileError? {
    #expect(throws: DurableFileError.self) { try DurableFile.write([1], to: path) }
  }

  @Test func `a directory is refused`() throws {
    #expect(refusal(of: folder.url.path)?.kind == .isDirectory)
    #expect(refusal(of: folder.path("absent") + "/")?.kind == .isDirectory)
    #expect(try folder.names == ["file"])
  }

  @Test func `an empty path is refused`() {
    #expect(refusal(of: "")?.kind == .noName)
  }

  @Test func `a missing directory is named`() {
    let error = refusal(of: folder.path("absent/file"))
    #expect(error?.kind == .noDirectory(folder.path("absent") + "/"))
    #expect(error?.description.contains("does not exist; create it first") == true)
  }

  @Test func `a file in the place of a directory is refused`() {
    #expect(refusal(of: folder.path("file/inner"))?.kind == .failed(.examine, code: ENOTDIR))
  }

  @Test func `a pipe and a device are refused`() throws {
    #expect(unsafe mkfifo(folder.path("pipe"), 0o600) == 0)
    #expect(refusal(of: folder.path("pipe"))?.kind == .notRegularFile)
    #expect(refusal(of: "/dev/null")?.kind == .notRegularFile)
  }

  @Test func `links in a circle are refused`() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("a"), withDestinationPath: "b")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("b"), withDestinationPath: "a")
    #expect(refusal(of: folder.path("a"))?.kind == .circularLinks)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write everything"))
  func `a file without permission to write is refused`() throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o444], ofItemAtPath: folder.path("file"))
    #expect(refusal(of: folder.path("file"))?.kind == .notWritable)
    #expect(try folder.text("file") == "old")
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write everything"))
  func `a directory without permission to write is refused`() throws {
    let attributes = [FileAttributeKey.posixPermissions: 0o555]
    try FileManager.default.setAttributes(attributes, ofItemAtPath: folder.url.path)
    #expect(refusal(of: folder.path("file"))?.kind == .failed(.create, code: EACCES))
    #expect(try folder.text("file") == "old")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: folder.url.path)
  }

  @Test func `the sentence names file, step and reason`() {
    let path = folder.path("file/inner")
    #expect(
      refusal(of: path)?.description
        == "\(path): cannot look at the file: Not a directory; nothing there was changed.")
  }

  /// Whether a small file system can be mounted here.
  static let canMount: Bool = {
    guard geteuid() == 0, let folder = try? Folder() else { return false }
    guard run("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.url.path])?.code == 0
    else { return false }
    return run("/bin/umount", [folder.url.path])?.code == 0
  }()

  @Test(.enabled(if: canMount, "needs the right to mount a file system"))
  func `a full disk leaves the old file, says so, and keeps no rest`() throws {
    let disk = folder.path("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    #expect(run("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk])?.code == 0)
    defer { run("/bin/umount", [disk]) }
    let path = disk + "/a"
    try DurableFile.write(Array("old".utf8), to: path)
    let error = #expect(throws: DurableFileError.self) {
      try DurableFile.write([UInt8](repeating: 1, count: 1 << 20), to: path)
    }
    #expect(error?.kind == .failed(.write, code: ENOSPC))
    #expect(error?.description.contains("No space left on device") == true)
    #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["a"])
  }
}
