/// Reads a datatype message. Types within types are read no deeper than enumerations and strings
/// need, so there is nothing to recurse on. (HDF5 File Format Specification 3.0, section IV.A.2.d.)
extension Datatype {
  init(_ cursor: inout Cursor) throws {
    let prefix = try Prefix(&cursor)
    switch prefix.class {
    case 0: self = try Self.integer(prefix, &cursor)
    case 1: self = try Self.floatingPoint(prefix, &cursor)
    case 3: self = try Self.fixedString(prefix, cursor)
    case 5: self = try Self.opaque(prefix, &cursor)
    case 8: self = try Self.enumeration(prefix, &cursor)
    case 9: self = try Self.variableLength(prefix, &cursor)
    default: self = prefix.unsupported()
    }
  }

  /// What every class of type begins with.
  private struct Prefix {
    let `class`: UInt8
    let version: Int
    let bits: UInt32
    let size: Int

    init(_ cursor: inout Cursor) throws {
      let start = cursor.position
      let first = try cursor.u8()
      `class` = first & 0x0F
      version = Int(first >> 4)
      bits = UInt32(try cursor.number(size: 3))
      size = Int(try cursor.u32())
      guard (1...4).contains(version) else {
        throw HDF5Error(
          .unsupportedVersion(structure: .datatype, version: version),
          at: .init(file: cursor.bytes.name, offset: start))
      }
      guard size > 0 else { throw cursor.malformed("elements have no bytes", at: start) }
    }

    var name: String {
      let names = [
        "integer", "floating-point", "time", "string", "bitfield", "opaque", "compound",
        "reference", "enumeration", "variable-length", "array", "complex",
      ]
      return Int(`class`) < names.count ? names[Int(`class`)] : "class \(`class`)"
    }

    func unsupported(_ detail: String? = nil) -> Datatype {
      let name = detail ?? name
      return Datatype(kind: .unsupported(name: "\(name) type of \(size) bytes"), size: size)
    }
  }

  private static func integer(_ prefix: Prefix, _ cursor: inout Cursor) throws -> Datatype {
    let bitOffset = try cursor.u16()
    let precision = try cursor.u16()
    guard [1, 2, 4, 8].contains(prefix.size), bitOffset == 0, precision == 8 * prefix.size else {
      return prefix.unsupported("\(precision)-bit integer")
    }
    return Datatype(
      kind: .integer(signed: prefix.bits & 0b1000 != 0), size: prefix.size,
      byteOrder: prefix.bits & 1 == 0 ? .little : .big)
  }

  private static func floatingPoint(_ prefix: Prefix, _ cursor: inout Cursor) throws -> Datatype {
    let bitOffset = try cursor.u16()
    let precision = try cursor.u16()
    let exponentPlace = Int(try cursor.u8())
    let exponentSize = Int(try cursor.u8())
    let mantissaPlace = Int(try cursor.u8())
    let mantissaSize = Int(try cursor.u8())
    let bias = Int(try cursor.u32())
    let layout = [
      prefix.size, bitOffset, precision, Int(prefix.bits >> 8 & 0xFF), exponentPlace, exponentSize,
      mantissaPlace, mantissaSize, bias,
    ]
    // Bits 0 and 6: 00 little, 01 big, 11 VAX. Bits 4-5: 2, the highest mantissa bit is implied.
    let order = prefix.bits & 0b100_0001
    guard order <= 1, prefix.bits >> 4 & 0b11 == 2 else {
      return prefix.unsupported("unusual floating-point")
    }
    let format: FloatFormat
    switch layout {
    case [2, 0, 16, 15, 10, 5, 0, 10, 15]: format = .binary16
    case [2, 0, 16, 15, 7, 8, 0, 7, 127]: format = .bfloat16
    case [4, 0, 32, 31, 23, 8, 0, 23, 127]: format = .binary32
    case [8, 0, 64, 63, 52, 11, 0, 52, 1023]: format = .binary64
    default: return prefix.unsupported("\(precision)-bit floating-point")
    }
    return Datatype(
      kind: .floatingPoint(format), size: prefix.size, byteOrder: order == 0 ? .little : .big)
  }

  private static func fixedString(_ prefix: Prefix, _ cursor: Cursor) throws -> Datatype {
    Datatype(
      kind: .fixedString(
        try padding(prefix.bits, cursor), try characters(prefix.bits >> 4, cursor)),
      size: prefix.size)
  }

  private static func variableLength(_ prefix: Prefix, _ cursor: inout Cursor) throws -> Datatype {
    guard prefix.bits & 0x0F == 1 else {
      let base = try Prefix(&cursor)
      return prefix.unsupported("variable-length sequence of \(base.name)")
    }
    return Datatype(
      kind: .variableString(
        try padding(prefix.bits >> 4, cursor), try characters(prefix.bits >> 8, cursor)),
      size: prefix.size)
  }

  private static func opaque(_ prefix: Prefix, _ cursor: inout Cursor) throws -> Datatype {
    let tag = try cursor.take(min(Int(prefix.bits & 0xFF), cursor.remaining)).prefix { $0 != 0 }
    return Datatype(kind: .opaque(tag: String(repairing: tag)), size: prefix.size)
  }

  private static func enumeration(_ prefix: Prefix, _ cursor: inout Cursor) throws -> Datatype {
    let basePrefix = try Prefix(&cursor)
    guard basePrefix.class == 0 else { return prefix.unsupported() }
    let base = try integer(basePrefix, &cursor)
    guard case .integer(let signed) = base.kind, base.size == prefix.size else {
      return prefix.unsupported()
    }
    let count = Int(prefix.bits & 0xFFFF)
    guard count <= Limits.members else {
      return prefix.unsupported("\(count)-member enumeration")
    }
    var names: [String] = []
    for _ in 0..<count {
      let start = cursor.position
      names.append(try cursor.terminatedText())
      if prefix.version < 3 {
        let length = cursor.position - start
        try cursor.skip((8 - length % 8) % 8)
      }
    }
    var members: [Member] = []
    for name in names {
      var bits = try cursor.number(size: base.size)
      if base.byteOrder == .big { bits = bits.byteSwapped >> UInt64(64 - 8 * base.size) }
      let unused = 64 - 8 * base.size
      let value =
        signed ? Int64(bitPattern: bits << unused) >> Int64(unused) : Int64(bitPattern: bits)
      members.append(Member(name: name, value: value))
    }
    let boolean = [Member(name: "FALSE", value: 0), Member(name: "TRUE", value: 1)]
    if base.size == 1, members.sorted(by: { $0.value < $1.value }) == boolean {
      return Datatype(kind: .boolean, size: 1, byteOrder: base.byteOrder)
    }
    return Datatype(
      kind: .enumeration(signed: signed, members: members), size: base.size,
      byteOrder: base.byteOrder)
  }

  private static func padding(_ bits: UInt32, _ cursor: Cursor) throws -> StringPadding {
    switch bits & 0x0F {
    case 0: .nullTerminated
    case 1: .nullPadded
    case 2: .spacePadded
    default: throw cursor.malformed("strings of padding \(bits & 0x0F)")
    }
  }

  private static func characters(_ bits: UInt32, _ cursor: Cursor) throws -> CharacterSet {
    switch bits & 0x0F {
    case 0: .ascii
    case 1: .utf8
    default: throw cursor.malformed("strings of character set \(bits & 0x0F)")
    }
  }
}
