/// What the real Keras computes, asked once for all tests.
import Foundation
import KerasCheckpoint
import Tensors
import TestSupport
import Testing

enum Keras {
  static let isAbsent: Comment = "no Python with Keras: set KERATIN_PYTHON or run `make test`"
  static let isThere = Surroundings.kerasPython != nil

  /// What `Python/answers.py` prints; TensorFlow takes seconds to start, so it runs once.
  static let answers = Result { try ask() }

  private static func ask() throws -> JSON {
    guard let python = Surroundings.kerasPython else { throw CocoaError(.fileNoSuchFile) }
    let process = Process()
    process.executableURL = python
    process.arguments = [
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Python/answers.py").path
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""]
    ) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let lines = data.split(separator: UInt8(ascii: "\n"))
    return try JSON(parsing: String(decoding: lines.last ?? Data(), as: UTF8.self))
  }
}

extension JSON {
  /// The value under keys inside of each other; null where there is none.
  func at(_ path: String...) -> JSON { path.reduce(self) { $0[$1] ?? .null } }

  var list: [JSON] { array ?? [] }
  var numbers: [Double] { list.compactMap(\.double) }
  var floats: [Float] { numbers.map { Float($0) } }
  var shape: Shape { Shape(list.compactMap(\.int)) }

  /// A tensor as `{"shape": …, "values": …}`.
  var tensor: Tensor { Tensor(self["shape"]?.shape ?? [], self["values"]?.floats ?? []) }
}

/// Where two lists of numbers differ by more than `relative · |expected| + absolute`; nil where
/// nowhere.
func difference(
  _ found: [Double], _ expected: [Double], relative: Double, absolute: Double = 0
) -> String? {
  guard found.count == expected.count else {
    return "\(found.count) numbers, expected \(expected.count)"
  }
  for (place, (a, b)) in zip(found, expected).enumerated() {
    if a.isNaN && b.isNaN { continue }
    guard abs(a - b) <= relative * abs(b) + absolute else {
      return "at \(place): \(a), expected \(b)"
    }
  }
  return nil
}
