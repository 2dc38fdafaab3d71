/// The attributes of one object: messages of its header, and those in its fractal heap where there
/// are many. (HDF5 File Format Specification 3.0, sections IV.A.2.m and IV.A.2.v.)
struct AttributeTable: Sendable {
  private(set) var entries: [Entry] = []

  struct Entry: Sendable {
    let name: String
    let datatype: Datatype
    let dataspace: Dataspace?
    /// Where the elements are in the file.
    let data: Range<Int>
    /// Why the elements cannot be read, though the name can.
    let problem: (any Error)?
  }

  init(_ source: Source, of header: ObjectHeader) throws {
    for message in header.messages where message.type == ObjectHeader.MessageType.attribute {
      var cursor = try source.cursor(.attribute, of: message)
      try add(&cursor, source)
    }
    if let message = header.first(ObjectHeader.MessageType.attributeInfo) {
      var cursor = try source.cursor(.attributeInfo, of: message)
      try readDense(&cursor, source)
    }
    entries.sort { $0.name.precedesByBytes($1.name) }
  }

  private mutating func readDense(_ cursor: inout Cursor, _ source: Source) throws {
    try cursor.version(0...0)
    let flags = try cursor.u8()
    if flags & 1 != 0 { try cursor.skip(2) }  // highest creation order
    guard let heapAddress = try cursor.address() else { return }
    let indexAddress = try cursor.definedAddress(of: "name index")
    var heap = try FractalHeap(source, at: heapAddress)
    var walk = try BTreeV2Walk(source, at: indexAddress, types: [8])
    while var record = try walk.next() {
      let id = try record.part(8)
      guard try record.u8() & 0b10 == 0 else {
        throw record.unsupported("an attribute in the shared object header message heap")
      }
      var message = try heap.object(id, as: .attribute)
      try add(&message, source)
    }
  }

  /// Reads an attribute message, versions 1 to 3.
  private mutating func add(_ cursor: inout Cursor, _ source: Source) throws {
    let version = try cursor.version(1...3)
    let flags = try cursor.u8()
    let nameSize = try cursor.u16()
    let typeSize = try cursor.u16()
    let spaceSize = try cursor.u16()
    if version == 3 { try cursor.skip(1) }  // character set of the name: read as UTF-8
    let bytes = try cursor.take(nameSize)
    let name = String(repairing: bytes.prefix { $0 != 0 })
    try source.charge(metadata: Limits.attributeCost + name.utf8.count)
    try source.charge(scanned: nameSize + typeSize)
    if version == 1 { try cursor.skip((8 - nameSize % 8) % 8) }
    let typePart = try cursor.part(typeSize, of: .datatype)
    if version == 1 { try cursor.skip((8 - typeSize % 8) % 8) }
    let spacePart = try cursor.part(spaceSize, of: .dataspace)
    if version == 1 { try cursor.skip((8 - spaceSize % 8) % 8) }

    var datatype = Datatype.unreadable
    var dataspace: Dataspace?
    var problem: (any Error)?
    do {
      var type =
        version > 1 && flags & 0b01 != 0
        ? try source.shared(typePart, type: ObjectHeader.MessageType.datatype) : typePart
      var space =
        version > 1 && flags & 0b10 != 0
        ? try source.shared(spacePart, type: ObjectHeader.MessageType.dataspace) : spacePart
      datatype = try Datatype(&type)
      dataspace = try Dataspace(&space)
    } catch {
      // One odd attribute must not hide the others: its error waits until its value is asked for.
      problem = error
    }
    try source.charge(metadata: datatype.rememberedCost)
    entries.append(
      Entry(
        name: name, datatype: datatype, dataspace: dataspace, data: cursor.range, problem: problem))
  }
}
