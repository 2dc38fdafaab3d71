/// What the elements hold that were never written.
/// (HDF5 File Format Specification 3.0, sections IV.A.2.e and IV.A.2.f.)
extension Source {
  /// The bytes of the fill value of one element; nil is zero.
  func fillValue(of header: ObjectHeader, elementSize: Int) throws -> [UInt8]? {
    typealias MessageType = ObjectHeader.MessageType
    let value: [UInt8]
    if let message = header.first(MessageType.fillValue) {
      var cursor = try cursor(.fillValue, of: message)
      value = try readFillValue(&cursor)
    } else if let message = header.first(MessageType.oldFillValue) {
      var cursor = try cursor(.fillValue, of: message)
      let size = Int(try cursor.u32())
      value = try cursor.take(size)
    } else {
      return nil
    }
    guard value.isEmpty || value.count == elementSize else {
      throw HDF5Error(
        .malformed(
          structure: .fillValue,
          fault: "it has \(value.count) bytes, and an element has \(elementSize)"),
        at: .init(file: bytes.name, offset: header.address))
    }
    return value.allSatisfy { $0 == 0 } ? nil : value
  }

  private func readFillValue(_ cursor: inout Cursor) throws -> [UInt8] {
    let version = try cursor.version(1...3)
    if version < 3 {
      try cursor.skip(2)  // when space is allocated, when the value is written
      let isDefined = try cursor.u8() != 0
      guard version == 1 || isDefined, cursor.remaining >= 4 else { return [] }
    } else {
      guard try cursor.u8() & 0b10_0000 != 0 else { return [] }
    }
    let size = Int(try cursor.u32())
    // Some writers of version 1 gave an undefined value the size -1.
    if version == 1 && size == 0xFFFF_FFFF { return [] }
    return try cursor.take(size)
  }
}
