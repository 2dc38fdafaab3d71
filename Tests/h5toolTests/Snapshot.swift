/// Texts that the command must print to the letter.
import Foundation
import Testing

enum Snapshot {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().appending(path: "Snapshots")

  /// With this variable set the texts are written instead of compared, for the eye to compare.
  private static let isRecording =
    ProcessInfo.processInfo.environment["KERATIN_RECORD_SNAPSHOTS"] != nil

  /// Expects `text` to be the content of `Snapshots/<name>.txt`.
  static func expect(
    _ text: String, is name: String, at location: SourceLocation = #_sourceLocation
  ) throws {
    let file = folder.appending(path: "\(name).txt")
    if isRecording { return try Data(text.utf8).write(to: file) }
    let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    guard text != expected else { return }
    let lines = zip(
      text.split(separator: "\n", omittingEmptySubsequences: false),
      expected.split(separator: "\n", omittingEmptySubsequences: false))
    let first = lines.enumerated().first { $1.0 != $1.1 }
    Issue.record(
      """
      \(name) differs from its snapshot at line \((first?.offset ?? 0) + 1):
      expected \(first?.element.1 ?? "(more or fewer lines)")
      found    \(first?.element.0 ?? "(more or fewer lines)")
      All of it:
      \(text)
      """, sourceLocation: location)
  }
}

extension String {
  /// Without the sizes of files, which differ with the version of libhdf5 that wrote them, and without
  /// times.
  var withoutSizesAndTimes: String {
    replacing(/\((full model|weights only), [^)]*\)/) { "(\($0.1), SIZE)" }
      .replacing(/superblock version 0, \d+ bytes/, with: "superblock version 0, SIZE")
      .replacing(/"size": \d+/, with: #""size": SIZE"#)
      .replacing(/\d+s \d+[mu]?s\/step/, with: "TIME")
  }
}
