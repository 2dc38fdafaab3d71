import Foundation
import Keratin
import Testing

/// What shells do with the standard streams.
@Suite(.timeLimit(.minutes(2)))
struct StandardStreamsTests {
  private func shell(_ line: String, _ workshop: Workshop) async throws -> Tool.Run {
    try await Tool.run(["-c", line], in: workshop.folder, program: URL(filePath: "/bin/sh"))
  }

  private let unwritable =
    "Error: The result cannot be written to standard output; see where that leads, "
    + "and whether the disk is full.\n"

  @Test(arguments: [
    "inspect model.h5", "inspect model.h5 --json", "tree model.h5",
    "evaluate model.h5 --data reviews.npz", "evaluate model.h5 --data reviews.npz --json",
    "convert model.h5 other.h5",
  ])
  func `a result that cannot be printed is an error`(command: String) async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.saveReviews()
    var targets = [">&-"]
    if FileManager.default.fileExists(atPath: "/dev/full") { targets.append(">/dev/full") }
    for target in targets {
      let run = try await shell("h5tool \(command) \(target)", workshop)
      #expect(run.status == 1, "\(target)")
      #expect(run.errors == unwritable, "\(target)")
    }
  }

  @Test func `a reader that goes away ends the command without a word`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    for command in ["inspect model.h5 --config --weights", "tree model.h5"] {
      let run = try await shell("h5tool \(command) | head -n 1", workshop)
      #expect(run.status == 0 && run.errors.isEmpty)
      #expect(run.output.split(separator: "\n").count == 1)
    }
  }

  @Test func `nothing that is printed gets into a file when the streams are closed`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.saveReviews()
    let run = try await shell(
      "h5tool train model.h5 --data reviews.npz --output out.h5 --epochs 2 --history h.json "
        + "<&- >&- 2>&-", workshop)
    #expect(run.status == 0)
    _ = try Model.load(workshop.path("out.h5"))
    let history = String(decoding: try workshop.bytes("h.json"), as: UTF8.self)
    #expect(try JSON(parsing: history).object?.count == 4)
  }
}
