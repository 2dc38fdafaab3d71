/// Writing JSON as Python's `json.dumps` writes it: `", "` and `": "` between, ASCII only, `NaN` and
/// `Infinity` for the numbers that JSON lacks.
extension JSON {
  /// The text of the value, with sorted keys, but "value" before "key": tf_keras calls an attention
  /// with its arguments by name in the order in which they stand.
  public var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .number(let value): text += Self.text(of: value)
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      text += "["
      for (place, element) in elements.enumerated() {
        if place > 0 { text += ", " }
        element.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (place, (key, value)) in Self.ordered(members).enumerated() {
        if place > 0 { text += ", " }
        Self.write(key, to: &text)
        text += ": "
        value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func ordered(_ members: [String: JSON]) -> [(key: String, value: JSON)] {
    var sorted = members.sorted { $0.key < $1.key }
    if members["value"] != nil, let place = sorted.firstIndex(where: { $0.key == "key" }) {
      sorted.append(sorted.remove(at: place))
    }
    return sorted
  }

  /// The shortest digits that read back as the same number.
  private static func text(of value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return value.description
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case " "..."~": text.unicodeScalars.append(scalar)
      default: for unit in String(scalar).utf16 { text += "\\u" + hexadecimal(unit) }
      }
    }
    text += "\""
  }

  private static func hexadecimal(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension JSON: CustomStringConvertible {
  public var description: String { text }
}
