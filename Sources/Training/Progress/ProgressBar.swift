/// The line that tells how far an epoch is.

/// Keras's progress line, drawn over in place on a terminal, printed once at the end elsewhere:
///
///     782/782 ━━━━━━━━━━━━━━━━━━━━ 37s 45ms/step - acc: 0.7119 - loss: 0.5116
///
/// Source: `keras/src/utils/progbar.py` (Keras 3.15.1). Keras clears the old line with backspaces,
/// which fails where it is wider than the terminal; here the terminal is told not to wrap instead.
package struct ProgressBar {
  private let target: Int
  private let verbosity: Verbosity
  private let console: any Console
  private let clock: () -> Double
  private let start: Double
  private var lastUpdate = -Double.infinity
  private var firstStepEnd: Double?

  /// How often the line is drawn anew at most, in seconds.
  private static let interval = 0.05
  private static let width = 20

  package init(
    target: Int, verbosity: Verbosity, console: any Console, clock: @escaping () -> Double
  ) {
    self.target = target
    self.verbosity = verbosity
    self.console = console
    self.clock = clock
    start = clock()
  }

  /// Shows that `current` steps are done.
  ///
  /// - Parameter isFinal: whether the line is complete and ends here.
  package mutating func update(_ current: Int, _ logs: Logs, isFinal: Bool) {
    let now = clock()
    let perStep = stepDuration(current, now)
    switch verbosity {
    case .silent: return
    case .oneLine:
      if isFinal { console.write(oneLine(current, logs, perStep, elapsed: now - start) + "\n") }
    case .progress where console.isTerminal:
      guard isFinal || now - lastUpdate >= Self.interval else { return }
      let line = line(
        current, logs, perStep, elapsed: now - start, isFinal: isFinal, style: .coloured)
      // An unfinished line is cut at the terminal's edge; the finished one may wrap.
      console.write(
        isFinal
          ? "\r" + line + Terminal.clearToEnd + "\n"
          : "\r" + Terminal.noWrap + line + Terminal.clearToEnd + Terminal.wrap)
    case .progress:
      guard isFinal else { return }
      console.write(
        line(current, logs, perStep, elapsed: now - start, isFinal: true, style: .plain) + "\n")
    }
    lastUpdate = now
  }

  private func line(
    _ current: Int, _ logs: Logs, _ perStep: Double, elapsed: Double, isFinal: Bool,
    style: Style
  ) -> String {
    let done = target > 0 ? Int(Double(Self.width) * Double(current) / Double(target)) : Self.width
    var line = style.bold(count(current)) + " "
    if done > 0 { line += style.green(String(repeating: "━", count: done)) }
    line += style.white(String(repeating: "━", count: Self.width - done))
    let time =
      isFinal ? elapsed.fixed(0) + "s" : Self.clockText(perStep * Double(target - current))
    line += " " + style.bold(time) + " " + Self.durationText(perStep)
    return line + Self.metricsText(logs)
  }

  private func oneLine(
    _ current: Int, _ logs: Logs, _ perStep: Double, elapsed: Double
  ) -> String {
    "\(count(current)) - \(elapsed.fixed(0))s - \(Self.durationText(perStep))"
      + Self.metricsText(logs)
  }

  /// ` 37/782`
  private func count(_ current: Int) -> String {
    "\(current)".padded(to: "\(target)".count) + "/\(target)"
  }

  private static func metricsText(_ logs: Logs) -> String {
    logs.sorted.map { " - \($0.name): \($0.value.metricText)" }.joined()
  }

  /// The time that is left: `41s`, `1:07`, `1:00:30`.
  private static func clockText(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds)
    func two(_ number: Int) -> String { "\(number)".padded(to: 2, with: "0") }
    if seconds > 3600 { return "\(whole / 3600):\(two(whole % 3600 / 60)):\(two(whole % 60))" }
    if seconds > 60 { return "\(whole / 60):\(two(whole % 60))" }
    return "\(whole)s"
  }

  /// `45ms/step`
  private static func durationText(_ seconds: Double) -> String {
    if seconds >= 1 || seconds == 0 { return seconds.fixed(0) + "s/step" }
    if seconds >= 1e-3 { return (seconds * 1e3).fixed(0) + "ms/step" }
    return (seconds * 1e6).fixed(0) + "us/step"
  }

  /// Seconds per step; the first step, which also sets up, counts only as long as it is alone.
  private mutating func stepDuration(_ current: Int, _ now: Double) -> Double {
    guard current > 0 else { return 0 }
    let duration =
      if let firstStepEnd, current > 1 {
        (now - firstStepEnd) / Double(current - 1)
      } else {
        (now - start) / Double(current)
      }
    if current == 1 { firstStepEnd = now }
    return duration
  }
}

/// How much training prints: nothing, a progress line, or one plain line per epoch; 0, 1 and 2 in
/// Keras.
public enum Verbosity: Int, Sendable {
  case silent = 0
  case progress = 1
  case oneLine = 2
}

/// Control sequences (ECMA-48 and DEC private modes).
private enum Terminal {
  static let clearToEnd = "\u{1B}[K"
  static let noWrap = "\u{1B}[?7l"
  static let wrap = "\u{1B}[?7h"
}

/// Text with or without colour.
private enum Style {
  case plain
  case coloured

  func bold(_ text: String) -> String { wrapped(text, "1") }
  func green(_ text: String) -> String { wrapped(text, "32") }
  func white(_ text: String) -> String { wrapped(text, "37") }

  private func wrapped(_ text: String, _ code: String) -> String {
    self == .plain ? text : "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
