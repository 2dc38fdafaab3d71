/// The header of an `.npy` array: a Python dictionary of exactly three keys, such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, then spaces and a line break.
struct NPYHeaderLiteral {
  private let bytes: [UInt8]
  private let end: Int
  private let location: DatasetsError.Location
  private var position: Int

  struct Fields {
    var descr: String
    var fortranOrder: Bool
    var shape: [Int]
  }

  init(bytes: [UInt8], range: Range<Int>, location: DatasetsError.Location) {
    self.bytes = bytes
    self.location = location
    position = range.lowerBound
    end = range.upperBound
  }

  mutating func fields() throws -> Fields {
    var descr: String?
    var fortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !accept("}") {
      let start = position
      let key = try string(of: "a key")
      try expect(":")
      switch key {
      case "descr" where descr == nil: descr = try elementType()
      case "fortran_order" where fortranOrder == nil: fortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default:
        position = start
        throw broken("the keys descr, fortran_order and shape, once each", found: "'\(key)'")
      }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == end else { throw broken("the header's end") }
    guard let descr, let fortranOrder, let shape else {
      throw broken("the keys descr, fortran_order and shape")
    }
    return Fields(descr: descr, fortranOrder: fortranOrder, shape: shape)
  }

  // MARK: Values

  /// A `descr`; a list is that of a structured type, whose text is given as it stands.
  private mutating func elementType() throws -> String {
    skipSpace()
    guard position < end, bytes[position] == UInt8(ascii: "[") else {
      return try string(of: "an element type")
    }
    let text = String(decoding: bytes[position..<end].prefix(60), as: UTF8.self)
    throw DatasetsError(.unsupportedElements(descr: text), at: location.at(position))
  }

  private mutating func boolean() throws -> Bool {
    if accept("True") { return true }
    if accept("False") { return false }
    throw broken("True or False")
  }

  private mutating func tuple() throws -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !accept(")") {
      extents.append(try integer())
      // Python 2 on Windows wrote (3L, 4L).
      _ = accept("L")
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return extents
  }

  private mutating func integer() throws -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !overflow, !carry else {
        position = start
        throw broken("an extent that fits 64 bits")
      }
      value = sum
      position += 1
    }
    guard position > start else { throw broken("an extent") }
    return value
  }

  private mutating func string(of expected: String) throws -> String {
    skipSpace()
    guard position < end, bytes[position] == 0x27 || bytes[position] == 0x22 else {
      throw broken("\(expected) in quotes")
    }
    let quote = bytes[position]
    guard let close = bytes[(position + 1)..<end].firstIndex(of: quote) else {
      throw broken("\(expected) in quotes")
    }
    let text = String(decoding: bytes[(position + 1)..<close], as: UTF8.self)
    position = close + 1
    return text
  }

  // MARK: Characters

  private mutating func skipSpace() {
    while position < end, [0x20, 0x0A, 0x09, 0x0D].contains(bytes[position]) { position += 1 }
  }

  private mutating func accept(_ word: String) -> Bool {
    skipSpace()
    guard bytes[position..<end].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ word: String) throws {
    guard accept(word) else { throw broken("‘\(word)’") }
  }

  private func broken(_ expected: String, found: String? = nil) -> DatasetsError {
    let text = String(decoding: bytes[position..<end].prefix(20), as: UTF8.self)
    let found = found ?? (text.isEmpty ? "its end" : "‘\(text)’")
    return DatasetsError(
      .malformedHeader(expected: expected, found: found), at: location.at(position))
  }
}
