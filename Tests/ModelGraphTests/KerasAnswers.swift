/// What real Keras computes, for tests to hold Keratin against.
import Foundation
import KerasCheckpoint
import Tensors
import TestSupport
import Testing

/// The cases that `Python/answers.py` makes: models with weights, inputs and outputs.
struct KerasAnswers {
  struct Case {
    let json: JSON
    var label: String { json["label"]?.string ?? "?" }
    var config: JSON { json["config"] ?? .null }
    var dialect: Dialect { json["dialect"]?.string == "keras2" ? .keras2 : .keras3 }
    var classes: [String] { (json["classes"]?.array ?? []).compactMap(\.string) }

    func tensors(_ key: String) throws -> [Tensor] {
      try (json[key]?.array ?? []).map(tensor)
    }

    /// Float32, or int32 where every number is whole.
    private func tensor(_ json: JSON) throws -> Tensor {
      let shape = Shape((json["shape"]?.array ?? []).compactMap(\.int))
      let values = json["values"]?.array ?? []
      if !values.isEmpty, values.allSatisfy({ if case .int = $0 { true } else { false } }) {
        return Tensor(shape, values.compactMap(\.int).map { Int32($0) })
      }
      return Tensor(shape, values.compactMap(\.double).map { Float($0) })
    }
  }

  let cases: [Case]
  let summaries: [JSON]
  private let known: JSON

  /// The names of the layers that a generation has.
  func layers(_ dialect: Dialect) -> Set<String> {
    let names = known[dialect == .keras2 ? "keras2" : "keras3"]?.array ?? []
    return Set(names.compactMap(\.string))
  }

  /// Made once for all tests, since Python takes its time.
  static let shared = Result { try KerasAnswers() }

  private init() throws {
    let folder = try Python.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try Python.run("answers.py", [folder.path])
    let text = try String(contentsOf: folder.appending(path: "answers.json"), encoding: .utf8)
    let json = try JSON(parsing: text)
    cases = (json["cases"]?.array ?? []).map(Case.init)
    summaries = json["summaries"]?.array ?? []
    known = json["layers"] ?? .null
  }
}

/// Runs the Python files beside the tests with the real Keras.
enum Python {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Python")

  static let reason: Comment = "no Python with Keras (set KERATIN_PYTHON or run make test)"

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// What a script printed.
  ///
  /// - Throws: where it ends with another status than 0, with what it said.
  static func run(_ script: String, _ arguments: [String]) throws -> String {
    guard let python = Surroundings.kerasPython else { throw Failure(description: "no Python") }
    let scratch = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: scratch) }
    let (output, complaints) = (scratch.appending(path: "out"), scratch.appending(path: "err"))
    let process = Process()
    process.executableURL = python
    process.arguments = [folder.appending(path: script).path] + arguments
    // Files, not pipes: a pipe that nobody empties would stop the script.
    try Data().write(to: output)
    try Data().write(to: complaints)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: complaints)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let said = try String(contentsOf: complaints, encoding: .utf8)
      throw Failure(description: "\(script): \(said.suffix(2000))")
    }
    return try String(contentsOf: output, encoding: .utf8)
  }

  static func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "graph-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}
