/// The real Keras, run beside the tests.
import Foundation
import TestSupport

/// Runs the `keratin_*.py` files of `Tests/Python`.
enum Python {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// What a script printed after `RESULT`, a line each.
  ///
  /// - Throws: where it ends with another status than 0, with what it said.
  @discardableResult
  static func run(_ script: String, _ arguments: [String]) throws -> [Data] {
    guard let python = Surroundings.kerasPython else { throw Failure(description: "no Python") }
    let process = Process()
    process.executableURL = python
    process.arguments =
      [Surroundings.repository.appending(path: "Tests/Python/\(script)").path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging([
      "PYTHONDONTWRITEBYTECODE": "1"
    ]) { $1 }
    // Files, not pipes: a pipe that nobody empties would stop the script.
    let folder = try TemporaryFolder()
    let (output, complaints) = (folder.url("output"), folder.url("complaints"))
    for file in [output, complaints] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: complaints)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let said = String(decoding: try Data(contentsOf: complaints), as: UTF8.self)
      throw Failure(description: "\(script) failed: \(said.suffix(3000))")
    }
    let prefix = "RESULT "
    return String(decoding: try Data(contentsOf: output), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix(prefix) }.map { Data($0.dropFirst(prefix.count).utf8) }
  }
}

/// Decodes what Python's `json` writes, NaN included.
func decoded<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
  let decoder = JSONDecoder()
  decoder.allowsJSON5 = true
  return try decoder.decode(type, from: data)
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "keratin-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func url(_ name: String) -> URL { url.appending(path: name) }
  func path(_ name: String) -> String { url(name).path }
}
