import Foundation
import TestSupport

/// A folder of a test's own, and Python running in it.
struct Scratch: ~Copyable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "keratin-datasets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: url.appending(path: name))
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: url.appending(path: name)))
  }

  /// Runs a script of the real numpy's or Keras's Python in this folder; its output.
  @discardableResult
  func python(_ script: String) throws -> String {
    guard let python = Surroundings.kerasPython else { throw PythonError(output: "no Python") }
    let process = Process()
    process.executableURL = python
    process.arguments = ["-c", script]
    process.currentDirectoryURL = url
    process.environment = ProcessInfo.processInfo.environment.merging([
      "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_HOME": url.path, "PYTHONDONTWRITEBYTECODE": "1",
    ]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw PythonError(output: text) }
    return text
  }
}

struct PythonError: Error, CustomStringConvertible {
  let output: String
  var description: String { "Python failed: \(output)" }
}
