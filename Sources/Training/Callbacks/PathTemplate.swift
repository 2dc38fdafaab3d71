/// File names that hold the epoch and what was measured.

/// A path with Python's replacement fields: `{epoch:02d}-{val_loss:.2f}.h5`; `{{` stands for a brace.
package struct PathTemplate: Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }

  /// The path for an epoch and a batch of it, which count from 0 and are shown from 1.
  ///
  /// - Throws: `TrainingError` of kind `path` for a name that is not logged or a format that is not
  ///   one of `d`, `f`, `e`, `g` with width and precision.
  package func filled(
    epoch: Int, batch: Int? = nil, _ logs: Logs
  ) throws(TrainingError) -> String {
    var path = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "{" where rest.first == "{", "}" where rest.first == "}":
        path.append(character)
        rest.removeFirst()
      case "{":
        guard let end = rest.firstIndex(of: "}") else { throw wrong("a '{' has no '}'") }
        path += try field(String(rest[..<end]), ["epoch": epoch, "batch": batch], logs)
        rest = rest[rest.index(after: end)...]
      case "}": throw wrong("a '}' has no '{'")
      default: path.append(character)
      }
    }
    return path
  }

  private func field(
    _ field: String, _ counts: [String: Int?], _ logs: Logs
  ) throws(TrainingError) -> String {
    let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let format = parts.count > 1 ? String(parts[1]) : ""
    if let count = counts[name] ?? nil {
      return format.isEmpty
        ? "\(count + 1)" : try formatted(Double(count + 1), format, of: name, isWhole: true)
    }
    guard let value = logs[name] else {
      throw wrong("'\(name)' is not logged; there are epoch, \(logs.names.joined(separator: ", "))")
    }
    return format.isEmpty
      ? value.pythonText : try formatted(value, format, of: name, isWhole: false)
  }

  private func formatted(
    _ value: Double, _ format: String, of name: String, isWhole: Bool
  ) throws(TrainingError) -> String {
    guard let match = format.wholeMatch(of: /(0?)(\d{0,2})(?:\.(\d{1,2}))?([dfeg])/),
      match.4 != "d" || isWhole && match.3 == nil
    else { throw wrong("'\(format)' is not a format for '\(name)'") }
    let digits = match.3.flatMap { Int($0) }
    let text =
      switch match.4 {
      case "d": "\(Int(value))"
      case "e": value.scientific(digits ?? 6)
      case "g": value.general(digits ?? 6)
      default: value.fixed(digits ?? 6)
      }
    let width = Int(match.2) ?? 0
    guard text.hasPrefix("-"), match.1 == "0" else {
      return text.padded(to: width, with: match.1 == "0" ? "0" : " ")
    }
    return "-" + String(text.dropFirst()).padded(to: width - 1, with: "0")
  }

  private func wrong(_ reason: String) -> TrainingError {
    TrainingError(.path(text, reason: reason))
  }
}
