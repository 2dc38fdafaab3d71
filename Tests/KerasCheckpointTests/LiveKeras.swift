import Foundation
import KerasCheckpoint
import Testing

/// What the real Keras of both generations makes of our files. Importing it takes long, so one
/// process saves all models, and one checks all that Swift wrote of them.
final class LiveKeras: Sendable {
  static let shared = Result { try LiveKeras() }

  struct Check: Sendable, CustomTestStringConvertible {
    let group: String
    let name: String
    let problem: String?
    var testDescription: String { name }
  }

  /// The folder of the files that Keras saved; `same`, `other` and `wide` in it hold ours.
  let folder: URL
  let names: [String]
  let checks: [Check]

  private init() throws {
    folder = try temporaryFolder()
    _ = try Python.run("save.py", [folder.path])
    names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".h5") }.map { String($0.dropLast(3)) }.sorted()
    for part in ["same", "other", "wide"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: part), withIntermediateDirectories: true)
    }
    for name in names {
      let checkpoint = try Checkpoint(path: folder.appending(path: name + ".h5").path)
      try checkpoint.write(to: folder.appending(path: "same/\(name).h5").path)
      let other: Dialect = checkpoint.dialect == .keras3 ? .keras2 : .keras3
      try checkpoint.converted(to: other).checkpoint
        .write(to: folder.appending(path: "other/\(name).h5").path)
      try checkpoint.widelyReadable().checkpoint
        .write(to: folder.appending(path: "wide/\(name).h5").path)
    }
    checks = try Python.run("check.py", [folder.path]).split(separator: "\n")
      .filter { $0.hasPrefix("RESULT ") }
      .map { line in
        let result = try JSON(parsing: String(line.dropFirst("RESULT ".count)))
        return Check(
          group: result["group"]?.string ?? "", name: result["name"]?.string ?? "",
          problem: result["problem"]?.string)
      }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Fails for each check of a group that Keras did not pass.
  static func expect(_ group: String, atLeast count: Int) throws {
    let checks = try shared.get().checks.filter { $0.group == group }
    #expect(checks.count >= count, "\(group): too few checks ran")
    for check in checks {
      if let problem = check.problem { Issue.record("\(group): \(check.name): \(problem)") }
    }
  }

  /// A file that Keras saved, loaded.
  static func checkpoint(_ name: String) throws -> Checkpoint {
    try Checkpoint(path: try shared.get().folder.appending(path: name + ".h5").path)
  }
}
