import DurableFiles
import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// What killed processes leave is removed by the next write to the same target, and nothing else is.
@Suite struct StaleTemporaryTests {
  let folder: Folder
  /// The number of a process that has ended.
  let dead: Int32

  init() throws {
    folder = try Folder()
    dead = try #require(run("/bin/sh", ["-c", "exit 0"])).process
  }

  @Test func `the temporary of a dead process is removed`() throws {
    try folder.put("part", in: ".model.h5.\(dead)-1a2b3c4d.tmp")
    try DurableFile.write([1], to: folder.path("model.h5"))
    #expect(try folder.names == ["model.h5"])
  }

  @Test func `temporaries of running processes and other files stay`() throws {
    let others = [
      ".model.h5.\(getpid())-1a2b3c4d.tmp",  // this process
      ".model.h5.1-1a2b3c4d.tmp",  // a process that always runs
      ".other.h5.\(dead)-1a2b3c4d.tmp",  // another target
      ".model.h5.\(dead)-xyz.tmp", ".model.h5.\(dead).tmp", ".model.h5.0-1.tmp",
      ".model.h5.-1-1.tmp", "model.h5.\(dead)-1.tmp", ".model.h5.\(dead)-1.tmp~",
    ]
    for name in others { try folder.put("", in: name) }
    try DurableFile.write([1], to: folder.path("model.h5"))
    #expect(try folder.names == (others + ["model.h5"]).sorted())
  }

  @Test func `a temporary that another machine or container still locks stays`() throws {
    let name = ".model.h5.\(dead)-1a2b3c4d.tmp"
    try folder.put("", in: name)
    let descriptor = unsafe open(folder.path(name), O_RDWR)
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    try DurableFile.write([1], to: folder.path("model.h5"))
    #expect(try folder.names == [name, "model.h5"])
    close(descriptor)
    try DurableFile.write([1], to: folder.path("model.h5"))
    #expect(try folder.names == ["model.h5"])
  }

  @Test func `two writers of one target do not disturb each other`() throws {
    let first = try DurableFile(replacing: folder.path("model.h5"))
    try first.write([1])
    let second = try DurableFile(replacing: folder.path("model.h5"))
    try second.write([2])
    try second.commit()
    try first.commit()
    #expect(FileManager.default.contents(atPath: folder.path("model.h5")) == Data([1]))
    #expect(try folder.names == ["model.h5"])
  }
}
