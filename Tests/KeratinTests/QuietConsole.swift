/// A console for tests.
import Keratin

/// Keeps what is printed and warned of.
final class QuietConsole: Console {
  let isTerminal = false
  private(set) var text = ""
  private(set) var warnings: [String] = []
  var isAtLineStart: Bool { text.isEmpty || text.hasSuffix("\n") }

  func write(_ text: String) { self.text += text }
  func warn(_ text: String) { warnings.append(text) }
}
