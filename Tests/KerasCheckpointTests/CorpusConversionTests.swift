import Foundation
import KerasCheckpoint
import TestSupport
import Testing

/// Real checkpoints converted for the other generation.
@Suite(
  .enabled(
    if: Surroundings.corpus != nil && Surroundings.kerasPython != nil,
    "the folder of real checkpoints, or a Python with keras, is absent"))
struct CorpusConversionTests {
  @Test(arguments: [Dialect.keras2, .keras3])
  func `a converted checkpoint predicts what the original did`(dialect: Dialect) throws {
    let corpus = try #require(Surroundings.corpus)
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let manifest = try JSON(
      parsing: String(contentsOf: corpus.appending(path: "manifest.json"), encoding: .utf8))
    var names: [String] = []
    var refused: [String] = []
    for row in manifest.array ?? [] {
      guard let name = row["file"]?.string, row["reference"]?["npz"] != nil else { continue }
      let checkpoint = try Checkpoint(path: corpus.appending(path: "files/" + name).path)
      do {
        let converted = try checkpoint.converted(to: dialect)
        try converted.checkpoint.write(to: folder.appending(path: name).path)
        names.append(name)
      } catch let error as CheckpointError {
        guard case .unconvertible = error.kind else { throw error }
        refused.append(name)
      }
    }
    // Three recurrent layers with `hard_sigmoid`, and a ThresholdedReLU.
    #expect(refused.count == (dialect == .keras3 ? 4 : 0), "\(refused)")
    let reader = dialect == .keras2 ? "tf_keras" : "keras"
    let lines = try Python.run("corpus.py", [corpus.path, folder.path, reader] + names)
      .split(separator: "\n").filter { $0.hasPrefix("RESULT ") }
    #expect(lines.count == names.count && names.count >= 15)
    for line in lines {
      let result = try JSON(parsing: String(line.dropFirst("RESULT ".count)))
      if let problem = result["problem"]?.string {
        Issue.record("\(dialect): \(result["name"]?.string ?? ""): \(problem)")
      }
    }
  }
}
