/// Messages that stand in another object: a committed datatype's, in practice.
/// (HDF5 File Format Specification 3.0, section IV.A.2, "Shared Message".)
extension Source {
  /// The bytes of a message, from wherever they stand.
  func cursor(
    _ structure: HDF5Error.Structure, of message: ObjectHeader.Message
  ) throws -> Cursor {
    let cursor = try cursor(structure, message.range)
    return message.isShared ? try shared(cursor, type: message.type) : cursor
  }

  /// The message of `type` in the object that the shared message at `pointer` names.
  func shared(_ pointer: Cursor, type: UInt16) throws -> Cursor {
    var cursor = try cursor(.sharedMessage, pointer.range)
    let version = try cursor.version(1...3)
    let kind = try cursor.u8()
    if version == 1 {
      try cursor.skip(6 + geometry.lengthSize)  // reserved; a symbol table entry's name
    } else if version == 3 && kind == 1 || version == 2 && kind == 1 {
      throw cursor.unsupported("a message in the shared object header message heap")
    }
    let address = try cursor.definedAddress(of: "committed object")
    guard let message = try header(at: address).first(type) else {
      throw cursor.malformed("the object that it names has no such message")
    }
    guard !message.isShared else {
      throw cursor.malformed("the object that it names shares the message too")
    }
    return try self.cursor(pointer.structure, message.range)
  }
}
