/// Groups as HDF5 1.8 and later write them: few links as messages in the object header, many in a
/// fractal heap. (HDF5 File Format Specification 3.0, sections IV.A.2.c and IV.A.2.g.)
extension LinkTable.Builder {
  /// Reads a link message.
  mutating func readLink(_ cursor: inout Cursor) throws {
    try cursor.version(1...1)
    let flags = try cursor.u8()
    let type = flags & 0b1000 != 0 ? try cursor.u8() : 0
    if flags & 0b100 != 0 { try cursor.skip(8) }  // creation order
    if flags & 0b1_0000 != 0 { try cursor.skip(1) }  // character set: both are UTF-8 here
    let nameLength = try cursor.count(size: 1 << Int(flags & 0b11))
    let name = try cursor.text(nameLength)
    switch type {
    case 0:
      try add(name, .hard(try cursor.definedAddress(of: "object")))
    case 1:
      let length = try cursor.u16()
      try add(name, .other(.soft(target: try cursor.text(length))))
    case 64:
      let length = try cursor.u16()
      var value = try cursor.part(length)
      try value.skip(1)  // version and flags
      let file = try value.terminatedText()
      try add(name, .other(.external(file: file, path: try value.terminatedText())))
    default:
      try add(name, .other(.userDefined(code: Int(type))))
    }
  }

  /// Reads the links that a link info message leads to.
  mutating func readDense(_ cursor: inout Cursor) throws {
    try cursor.version(0...0)
    let flags = try cursor.u8()
    if flags & 1 != 0 { try cursor.skip(8) }  // highest creation order
    guard let heapAddress = try cursor.address() else { return }
    let indexAddress = try cursor.definedAddress(of: "name index")
    var heap = try FractalHeap(source, at: heapAddress)
    var walk = try BTreeV2Walk(source, at: indexAddress, types: [5])
    while var record = try walk.next() {
      try record.skip(4)  // hash of the name
      var link = try heap.object(try record.part(record.remaining), as: .link)
      try readLink(&link)
    }
  }
}
