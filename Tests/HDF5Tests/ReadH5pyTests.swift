/// Files of other writers, read whole and held against what h5py reads.
import Foundation
import HDF5
import TestSupport
import Testing

@Suite(.enabled(if: Surroundings.kerasPython != nil, "needs the Python of the tests (make test)"))
struct ReadH5pyTests {
  @Test(
    .enabled(if: Surroundings.corpus != nil, "needs the shared real checkpoints"))
  func `every real checkpoint reads as h5py reads it`() throws {
    let folder = try #require(Surroundings.corpus).appending(path: "files")
    let files = try FileManager.default
      .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { ["h5", "hdf5"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
    try #require(files.count >= 47)
    try compare(files)
  }

  @Test(arguments: ["earliest", "v108", "v110", "v112", "latest"])
  func `files of every library version read as h5py reads them`(version: String) throws {
    try withTemporaryFolder { folder in
      try runScript("hdf5_files.py", [folder.path, version])
      let files = try FileManager.default
        .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "h5" }.sorted { $0.path < $1.path }
      try #require(files.count >= 8)
      try compare(files)
    }
  }

  private func compare(_ files: [URL]) throws {
    let (expected, bytes) = try expectations(of: files)
    #expect(expected.count == files.count)
    for file in expected {
      let differences = try Comparison(expected: file, bytes: bytes).differences()
      #expect(differences == [], "\(file.file)")
    }
  }
}
