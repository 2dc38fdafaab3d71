import Archive
import Foundation
import TestSupport
import Testing

/// Archives as Python and numpy make them.
@Suite struct ZipArchiveTests {
  @Test func `an archive without entries is read`() throws {
    try withFile(ZipBuilder().bytes) { path in
      let archive = try ZipArchive(path: path)
      #expect(archive.entries.isEmpty)
    }
  }

  @Test func `a comment at the end is passed over`() throws {
    var archive = ZipBuilder(.init("a"))
    archive.comment = Array("PK\u{5}\u{6} is what an end begins with".utf8)
    try withFile(archive.bytes) { path in
      let content = try ZipArchive(path: path).contents(of: "a")
      #expect(content == Array("content".utf8))
    }
  }

  @Test func `what is written is read, here and by Python`() throws {
    var writer = ZipWriter()
    writer.add("a.npy", Array("first".utf8))
    writer.add("ä/b", [])
    writer.add("c", [UInt8](repeating: 7, count: 100_000))
    try withFile(writer.finished()) { path in
      let archive = try ZipArchive(path: path)
      #expect(archive.entries.map(\.name) == ["a.npy", "ä/b", "c"])
      #expect(try archive.contents(of: "a.npy") == Array("first".utf8))
      #expect(try archive.contents(of: "c").count == 100_000)
      guard let python = Surroundings.kerasPython else { return }
      let process = Process()
      process.executableURL = python
      process.arguments = [
        "-c",
        """
        import sys, zipfile
        z = zipfile.ZipFile(sys.argv[1])
        good = z.testzip() is None and z.namelist() == ["a.npy", "ä/b", "c"] and z.read("c") == b"\\7" * 100000
        sys.exit(0 if good else 1)
        """, path,
      ]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
  }

  @Test(.enabled(if: Surroundings.kerasPython != nil, "needs Python with numpy"))
  func `what Python and numpy write is read`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "keratin-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    process.executableURL = Surroundings.kerasPython
    process.arguments = ["-c", Self.script, folder.path]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)

    for name in ["stored.npz", "deflated.npz", "unseekable.zip", "zip64.zip"] {
      let archive = try ZipArchive(path: folder.appending(path: name).path)
      #expect(
        archive.entries.map(\.name) == ["x_train.npy", "größe/日本.npy", "empty.npy"], "\(name)")
      for entry in archive.entries {
        let content = try archive.contents(of: entry.name)
        let file = folder.appending(path: entry.name.replacing("/", with: "_"))
        #expect(content.count == entry.size)
        #expect(try Data(content) == Data(contentsOf: file), "\(name) \(entry.name)")
      }
      let method: ZipEntry.Method = name == "stored.npz" ? .stored : .deflated
      #expect(archive.entries[0].method == method)
      #expect(archive.contains("empty.npy"))
      #expect(!archive.contains("empty"))
    }
  }

  private static let script = #"""
    import io, os, sys, zipfile, numpy as np
    os.chdir(sys.argv[1])
    arrays = {"x_train": np.arange(300_000, dtype="int32") % 1000,
              "größe/日本": np.zeros((1000, 1000), "float32"), "empty": np.zeros((0, 3))}
    np.savez("stored.npz", **arrays)
    np.savez_compressed("deflated.npz", **arrays)
    class Unseekable(io.RawIOBase):
        def __init__(self, path): self.file = open(path, "wb")
        def writable(self): return True
        def write(self, data): return self.file.write(data)
        def close(self): self.file.close()
    unseekable = zipfile.ZipFile(Unseekable("unseekable.zip"), "w", zipfile.ZIP_DEFLATED)
    large = zipfile.ZipFile("zip64.zip", "w", zipfile.ZIP_DEFLATED)
    for name, array in arrays.items():
        data = io.BytesIO()
        np.save(data, array)
        with open(name.replace("/", "_") + ".npy", "wb") as file: file.write(data.getvalue())
        unseekable.writestr(name + ".npy", data.getvalue())
        with large.open(name + ".npy", "w", force_zip64=True) as entry: entry.write(data.getvalue())
    unseekable.close()
    unseekable.fp and unseekable.fp.close()
    large.close()
    """#

  @Test(.enabled(if: Surroundings.imdb5k != nil, "needs the real IMDB reviews"))
  func `the real reviews are read, whole`() throws {
    let path = try #require(Surroundings.imdb5k).path
    let archive = try ZipArchive(path: path)
    #expect(
      Set(archive.entries.map(\.name)) == [
        "x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy",
      ])
    for entry in archive.entries {
      #expect(try archive.contents(of: entry.name).count == entry.size)
    }
  }

  @Test func `threads may read one archive at once`() async throws {
    let long = String(repeating: "content", count: 10_000)
    try await withThrowingTaskGroup(of: [UInt8].self) { tasks in
      let archive = try withFile(ZipBuilder(.init("a", long), .init("b", long)).bytes) {
        try ZipArchive(path: $0)
      }
      for number in 0..<16 {
        tasks.addTask { try archive.contents(of: number % 2 == 0 ? "a" : "b") }
      }
      for try await content in tasks { #expect(content == Array(long.utf8)) }
    }
  }
}
