/// Reading JSON as Python's `json.loads` reads it: RFC 8259 and `NaN`, `Infinity`, `-Infinity`.
///
/// Foundation's decoder reads these three only as JSON5, which also takes comments, single quotes
/// and trailing commas, does not tell `1` from `1.0`, and cannot say where a text is broken.
extension JSON {
  /// How deep arrays and objects may nest. A Keras model nests about 12 levels, and about 6 more for
  /// each model inside a model.
  package static let depthLimit = 256

  /// - Throws: `CheckpointError` of kind `brokenJSON`, with the place in the text.
  public init(parsing text: String) throws(CheckpointError) {
    var parser = JSONParser(bytes: Array(text.utf8))
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var place = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(CheckpointError) -> JSON {
    let value = try value()
    skipSpace()
    guard place == bytes.count else { throw broken("the end of the text") }
    return value
  }

  private mutating func value() throws(CheckpointError) -> JSON {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"):
      return try nested { parser throws(CheckpointError) in try parser.object() }
    case UInt8(ascii: "["):
      return try nested { parser throws(CheckpointError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N"): return try word("NaN", .number(.nan))
    case UInt8(ascii: "I"): return try word("Infinity", .number(.infinity))
    default: return try number()
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(CheckpointError) -> JSON
  ) throws(CheckpointError) -> JSON {
    guard depth < JSON.depthLimit else { throw broken("at most \(JSON.depthLimit) nested levels") }
    depth += 1
    defer { depth -= 1 }
    place += 1
    return try body(&self)
  }

  private mutating func object() throws(CheckpointError) -> JSON {
    var members: [String: JSON] = [:]
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw broken("a key in double quotes") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw broken("\":\" after the key \"\(key)\"") }
      members[key] = try value()
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw broken("\",\" or \"}\"") }
    }
  }

  private mutating func array() throws(CheckpointError) -> JSON {
    var elements: [JSON] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      elements.append(try value())
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw broken("\",\" or \"]\"") }
    }
  }

  private mutating func string() throws(CheckpointError) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        place += 1
        try escape(into: &text)
      case 0..<0x20:
        throw broken("an escape, not the control character \(byte)")
      default:
        text.append(byte)
        place += 1
      }
    }
    throw broken("the closing quote of a string")
  }

  private mutating func escape(into text: inout [UInt8]) throws(CheckpointError) {
    guard let byte = peek else { throw broken("an escape") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try scalar())).utf8)
    default:
      place -= 1
      throw broken("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
    }
  }

  /// The scalar of `\uXXXX`, or of a surrogate pair of two; half a pair, which Python can write and
  /// no `String` can hold, reads as U+FFFD.
  private mutating func scalar() throws(CheckpointError) -> Unicode.Scalar {
    let unit = try hexadecimal()
    if UTF16.isLeadSurrogate(unit), peek == UInt8(ascii: "\\"), byte(after: 1) == UInt8(ascii: "u")
    {
      let start = place
      place += 2
      let trail = try hexadecimal()
      if UTF16.isTrailSurrogate(trail) {
        let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00)
        return Unicode.Scalar(value) ?? "\u{FFFD}"
      }
      place = start
    }
    return Unicode.Scalar(unit) ?? "\u{FFFD}"
  }

  private mutating func hexadecimal() throws(CheckpointError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw broken("four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
      place += 1
    }
    return unit
  }

  private mutating func number() throws(CheckpointError) -> JSON {
    let start = place
    let negative = take("-")
    if negative, peek == UInt8(ascii: "I") { return try word("Infinity", .number(-.infinity)) }
    let leading = peek
    let whole = digits()
    guard whole > 0, whole == 1 || leading != UInt8(ascii: "0") else {
      place = start
      throw broken("a value")
    }
    var isWhole = true
    if take(".") {
      isWhole = false
      guard digits() > 0 else { throw broken("a digit after the point") }
    }
    if take("e") || take("E") {
      isWhole = false
      _ = take("+") || take("-")
      guard digits() > 0 else { throw broken("a digit of the exponent") }
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole, let value = Int(text) { return .int(value) }
    guard let value = Double(text) else { throw broken("a number, not \(text)") }
    return .number(value)
  }

  /// Takes digits, and says how many.
  private mutating func digits() -> Int {
    let start = place
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    return place - start
  }

  private mutating func word(_ word: String, _ value: JSON) throws(CheckpointError) -> JSON {
    guard bytes[place...].starts(with: word.utf8) else { throw broken("a value") }
    place += word.utf8.count
    return value
  }

  private var peek: UInt8? { byte(after: 0) }

  private func byte(after distance: Int) -> UInt8? {
    place + distance < bytes.count ? bytes[place + distance] : nil
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      place += 1
    }
  }

  private func broken(_ expected: String) -> CheckpointError {
    CheckpointError(.brokenJSON(byte: place, length: bytes.count, expected: expected))
  }
}
