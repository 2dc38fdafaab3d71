import DurableFiles
import Foundation
import Testing

/// What the system sees, and what stands on the disk when it refuses a call or the process is killed
/// there. The writing is done by this same test program, run again under strace.
@Suite struct OrderOfCallsTests {
  let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.put("old", in: "model.h5")
  }

  /// Whether strace is here and may trace.
  static let canTrace =
    TracedWrite.target == nil
    && run("/usr/bin/strace", ["-o", "/dev/null", "/bin/true"])?.code == 0

  /// Writes `model.h5` under strace; the calls that name its folder, and whether the write succeeded.
  private func trace(_ options: [String]) throws -> (calls: [String], succeeded: Bool) {
    let log = folder.url.deletingLastPathComponent()
      .appending(path: "\(folder.url.lastPathComponent).strace")
    defer { try? FileManager.default.removeItem(at: log) }
    let program = try #require(CommandLine.arguments.first)
    let result = try #require(
      run(
        "/usr/bin/strace",
        ["-f", "-y", "-o", log.path, "-E", "\(TracedWrite.variable)=\(folder.path("model.h5"))"]
          + options + [program, "--filter", "TracedWrite", "--testing-library", "swift-testing"]))
    let calls = try String(decoding: Data(contentsOf: log), as: UTF8.self)
      .split(separator: "\n").map(String.init)
      .filter { $0.contains(folder.url.lastPathComponent) }
    return (calls, result.code == 0)
  }

  @Test(.enabled(if: canTrace, "needs strace and the right to trace"))
  func `content is synchronised, then renamed, then the directory is synchronised`() throws {
    let (calls, succeeded) = try trace(["-e", "trace=fsync,fdatasync,rename,renameat,renameat2"])
    #expect(succeeded)
    let kinds = calls.map { call in
      if call.contains("rename") { return "rename" }
      return call.contains(".tmp>") ? "fsync of the temporary" : "fsync of the directory"
    }
    #expect(kinds == ["fsync of the temporary", "rename", "fsync of the directory"], "\(calls)")
    #expect(try folder.text("model.h5") == "new")
  }

  @Test(
    .enabled(if: canTrace, "needs strace and the right to trace"),
    arguments: [
      ("fsync", 1, "EIO"), ("fsync", 2, "EIO"), ("rename", 1, "EIO"), ("rename", 1, "EDQUOT"),
      ("fchmod", 1, "EPERM"),
    ])
  func `a call that fails leaves the old file and nothing else`(
    call: String, when: Int, error: String
  ) throws {
    let (calls, succeeded) = try trace(
      ["-e", "trace=\(call)", "-e", "inject=\(call):error=\(error):when=\(when)"])
    #expect(calls.contains { $0.contains("INJECTED") }, "\(calls)")
    #expect(!succeeded)
    #expect(try folder.text("model.h5") == "old")
    #expect(try folder.names == ["model.h5"])
  }

  @Test(
    .enabled(if: canTrace, "needs strace and the right to trace"),
    arguments: [
      ("flock", 1), ("fchmod", 1), ("write", 1), ("fsync", 1), ("link", 1), ("rename", 1),
      ("fsync", 2), ("unlink", 1),
    ])
  func `a process killed at a call leaves the old file or the new, and the next write cleans up`(
    call: String, when: Int
  ) throws {
    let (_, succeeded) = try trace(
      ["-e", "trace=\(call)", "-e", "inject=\(call):signal=KILL:when=\(when)"])
    #expect(!succeeded)
    #expect(["old", "new"].contains(try folder.text("model.h5")))
    try DurableFile.write([1], to: folder.path("model.h5"))
    #expect(try folder.names == ["model.h5"])
  }
}

/// What runs under strace: this write alone.
@Suite struct TracedWrite {
  static let variable = "KERATIN_TRACED_TARGET"
  static let target = ProcessInfo.processInfo.environment[variable]

  @Test(.enabled(if: target != nil, "runs only under strace, for the tests beside it"))
  func `one write`() throws {
    try DurableFile.write(Array("new".utf8), to: #require(Self.target))
  }
}
