import Foundation
import TestSupport

/// Runs the Python files beside the tests with the real Keras.
enum Python {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Python")

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// What a script printed.
  ///
  /// - Throws: where it ends with another status than 0, with what it said.
  static func run(_ script: String, _ arguments: [String]) throws -> String {
    guard let python = Surroundings.kerasPython else { throw Failure(description: "no Python") }
    let process = Process()
    process.executableURL = python
    process.arguments = [folder.appending(path: script).path] + arguments
    let output = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).txt")
    let complaints = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).txt")
    defer {
      try? FileManager.default.removeItem(at: output)
      try? FileManager.default.removeItem(at: complaints)
    }
    // Files, not pipes: a pipe that nobody empties would stop the script.
    try Data().write(to: output)
    try Data().write(to: complaints)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: complaints)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let said = String(decoding: try Data(contentsOf: complaints), as: UTF8.self)
      throw Failure(description: "\(script): \(said.suffix(2000))")
    }
    return String(decoding: try Data(contentsOf: output), as: UTF8.self)
  }
}

/// A new folder, for a test to write into.
func temporaryFolder() throws -> URL {
  let folder = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}
