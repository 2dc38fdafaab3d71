/// What h5py reads from a file, as `Tests/Python/hdf5_dump.py` writes it down.
import Foundation
import HDF5
import TestSupport
import Testing

struct Expected: Decodable {
  let file: String
  let objects: [Object]

  struct Object: Decodable {
    let path: String
    let kind: String
    let links: [Link]?
    let attributes: [Attribute]
    let value: Value?
    let layout: String?
    let chunks: [Int]?
    let stored: Int?
  }

  struct Link: Decodable, Equatable {
    let name: String
    let kind: String
    var target: String?
    var file: String?
  }

  struct Attribute: Decodable {
    let name: String
    let value: Value
  }

  struct Value: Decodable {
    let kind: String
    let shape: [Int]?
    let dtype: String?
    let strings: [String]?
    let offset: Int?
    let count: Int?
  }
}

/// Runs a script of `Tests/Python` and gives what it prints.
@discardableResult
func runScript(_ name: String, _ arguments: [String]) throws -> String {
  let script = Surroundings.repository.appending(path: "Tests/Python/\(name)")
  return try runPython(
    "import sys, runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')",
    [script.path] + arguments)
}

/// What h5py reads from `files`, and the bytes of their elements.
func expectations(of files: [URL]) throws -> ([Expected], Data) {
  try withTemporaryFolder { folder in
    let out = folder.appending(path: "out.json")
    try runScript("hdf5_dump.py", [out.path] + files.map(\.path))
    return (
      try JSONDecoder().decode([Expected].self, from: Data(contentsOf: out)),
      try Data(contentsOf: folder.appending(path: "out.bin"))
    )
  }
}
