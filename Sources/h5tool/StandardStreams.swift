/// Standard output and standard error of the command.
import Keratin

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

enum StandardStreams {
  /// Prints a result.
  ///
  /// - Throws: `CommandError` where it went nowhere, such as to a full disk.
  static func show(_ text: String) throws {
    let end = text.hasSuffix("\n") ? "" : "\n"
    guard send(text + end, to: STDOUT_FILENO) else { throw CommandError(unwritable) }
  }

  static let unwritable =
    "The result cannot be written to standard output; see where that leads, and whether the disk "
    + "is full."

  /// Prints a line for people on standard error; where that is closed, nobody wants to know.
  static func complain(_ line: String) {
    _ = send(line + "\n", to: STDERR_FILENO)
  }

  /// Takes the numbers of standard streams that are closed: the next file that is opened would get
  /// such a number, and what is printed would go into it. Nothing can be written to what takes it.
  static func holdClosedOnes() {
    while true {
      // SAFETY: Swift holds the path for the call.
      let descriptor = unsafe open("/dev/null", O_RDONLY)
      guard descriptor > STDERR_FILENO else {
        if descriptor < 0 { return }
        continue
      }
      close(descriptor)
      return
    }
  }

  /// Writes the whole text at once; false where it went nowhere.
  static func send(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      // SAFETY: the system reads the bytes that are left, which outlive the call.
      let written = unsafe bytes.withUnsafeBytes {
        unsafe write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return false }
      bytes = bytes.dropFirst(written)
    }
    return true
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
    if !StandardStreams.send(text, to: STDOUT_FILENO) {
      failure = failure ?? CommandError(StandardStreams.unwritable)
    }
    isAtLineStart = last.isNewline
  }

  func warn(_ text: String) { h5tool.warn(text) }
}
