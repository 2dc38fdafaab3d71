/// Standard output and standard error of the command.
import Foundation
import Keratin

enum StandardStreams {
  /// Prints a result.
  ///
  /// - Throws: `CommandError` where it went nowhere, such as to a full disk.
  static func show(_ text: String) throws {
    let end = text.hasSuffix("\n") ? "" : "\n"
    do { try FileHandle.standardOutput.write(contentsOf: Data((text + end).utf8)) } catch {
      throw CommandError(unwritable)
    }
  }

  static let unwritable =
    "The result cannot be written to standard output; see where that leads, and whether the disk "
    + "is full."

  /// Prints a line for people on standard error; where that is closed, nobody wants to know.
  static func complain(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Takes the numbers of standard streams that are closed: the next file that is opened would get
  /// such a number, and what is printed would go into it. Nothing can be written to what is returned.
  static func holdClosedOnes() -> [FileHandle] {
    var held: [FileHandle] = []
    while let handle = FileHandle(forReadingAtPath: "/dev/null"), handle.fileDescriptor <= 2 {
      held.append(handle)
    }
    return held
  }
}

/// Where evaluating and training show their progress: seen at once also in a pipe or a log.
final class StandardOutputConsole: Console {
  private let standard = StandardConsole()
  private(set) var isAtLineStart = true
  /// Why what was shown was not seen; nil where it was.
  private(set) var failure: (any Error)?

  var isTerminal: Bool { standard.isTerminal }

  func write(_ text: String) {
    guard let last = text.last else { return }
    do { try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) } catch {
      failure = failure ?? CommandError(StandardStreams.unwritable)
    }
    isAtLineStart = last.isNewline
  }

  func warn(_ text: String) { h5tool.warn(text) }
}
