/// Where progress and messages of training go.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Takes the text that training prints.
public protocol Console: AnyObject {
  /// Whether text is seen as it comes, so that a line can be drawn over.
  var isTerminal: Bool { get }

  /// Prints `text` as it is, at once.
  func write(_ text: String)

  /// Prints a warning, which is no part of the output proper.
  func warn(_ text: String)

  /// Whether nothing has been printed since the last line ended.
  var isAtLineStart: Bool { get }
}

extension Console {
  /// Prints a line by itself: one that is still open, such as the progress line, is ended first.
  package func message(_ text: String) { write((isAtLineStart ? "" : "\n") + text + "\n") }
}

/// Standard output, with warnings on standard error.
public final class StandardConsole: Console {
  public let isTerminal: Bool
  public private(set) var isAtLineStart = true

  public init() { isTerminal = isatty(STDOUT_FILENO) == 1 }

  public func write(_ text: String) {
    guard let last = text.last else { return }
    print(text, terminator: "")
    // Who follows a pipe or a log sees each epoch when it ends, and a terminal's line as it grows.
    if isTerminal || last.isNewline { fflush(nil) }
    isAtLineStart = last.isNewline
  }

  public func warn(_ text: String) {
    // A program whose standard error is closed goes on without its warnings.
    printError("warning: \(text)\n")
  }
}

private func printError(_ text: String) {
  // SAFETY: Swift holds the text for the call.
  _ = unsafe write(STDERR_FILENO, text, text.utf8.count)
}
