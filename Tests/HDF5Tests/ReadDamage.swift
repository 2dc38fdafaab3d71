/// Small files to damage, and the places in them that a test damages.
import Foundation
import HDF5
import TestSupport
import Testing

/// The bytes of a file that a test changes before it is read.
struct DamagedFile {
  var bytes: [UInt8]

  /// A copy of a fixture: `earliest` has symbol tables and no checksums, `latest` the newest format.
  init(_ fixture: String) throws {
    let url = Surroundings.fixtures.appending(path: "hdf5-\(fixture).h5")
    bytes = [UInt8](try Data(contentsOf: url))
  }

  func open() throws -> File { try File(bytes: bytes, name: "damaged.h5") }

  /// Writes a little-endian number over the bytes at `offset`.
  mutating func put(_ value: UInt64, size: Int, at offset: Int) {
    for index in 0..<size {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
    }
  }

  func number(size: Int, at offset: Int) -> Int {
    (0..<size).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  /// Where `pattern` begins, at or behind `start`.
  func find(_ pattern: [UInt8], from start: Int = 0) throws -> Int {
    try #require(
      (start...bytes.count - pattern.count).first {
        bytes[$0..<$0 + pattern.count].elementsEqual(pattern)
      })
  }

  func find(_ signature: String, from start: Int = 0) throws -> Int {
    try find(Array(signature.utf8), from: start)
  }

  /// Where the header of the object at `path` begins.
  func address(of path: String) throws -> Int {
    try #require(try open().root.node(path)).address
  }

  /// Where a message of `type` begins, its own header first, in the first block of the version 1
  /// header at `header`.
  func message(_ type: Int, at header: Int) throws -> Int {
    var place = header + 16
    let end = place + number(size: 4, at: header + 8)
    while place < end, number(size: 2, at: place) != type {
      place += 8 + number(size: 2, at: place + 2)
    }
    return try #require(place < end ? place : nil, "no message \(type) in the header at \(header)")
  }
}

/// Reads whatever a file holds, and gives the errors; each must be an `HDF5Error`.
func readEverything(_ open: () throws -> File) -> [HDF5Error] {
  var errors: [HDF5Error] = []
  func attempt(_ body: () throws -> Void) {
    do {
      try body()
    } catch let error as HDF5Error {
      errors.append(error)
    } catch {
      Issue.record(error)
    }
  }
  attempt {
    var pending: [Node] = [.group(try open().root)]
    var seen: Set<Int> = []
    while let node = pending.popLast() {
      guard seen.insert(node.address).inserted else { continue }
      switch node {
      case .group(let group):
        attempt {
          for attribute in try group.attributes() { attempt { _ = try attribute.value() } }
        }
        attempt { for link in try group.children() { attempt { pending.append(try link.node()) } } }
      case .dataset(let dataset):
        attempt {
          for attribute in try dataset.attributes() { attempt { _ = try attribute.value() } }
        }
        attempt { _ = try dataset.storedByteCount }
        attempt {
          if dataset.datatype.isString {
            _ = try dataset.strings()
          } else if dataset.datatype.dtype != nil {
            _ = try dataset.tensor()
          } else {
            _ = try dataset.opaqueBytes()
          }
        }
      case .datatype(let datatype):
        attempt { _ = try datatype.datatype() }
      }
    }
  }
  return errors
}

/// The kind of the `HDF5Error` that `body` throws.
func kind(_ body: () throws -> Void) throws -> HDF5Error.Kind {
  try #require(throws: HDF5Error.self) { try body() }.kind
}
