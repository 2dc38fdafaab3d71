/// The messages of one object, versions 1 and 2, with all continuation blocks.
/// (HDF5 File Format Specification 3.0, section IV.A.)
final class ObjectHeader: Sendable {
  /// Where it begins, in bytes from the start of the file: the object's identity.
  let address: Int
  let messages: [Message]
  /// Whether it has a group's messages: asked for once for every link to it.
  let isGroup: Bool

  /// One message: what it is and where its bytes are.
  struct Message: Sendable {
    let type: UInt16
    let flags: UInt8
    let range: Range<Int>

    var isShared: Bool { flags & 0b10 != 0 }
  }

  /// Message types that are read.
  enum MessageType {
    static let dataspace: UInt16 = 0x01
    static let linkInfo: UInt16 = 0x02
    static let datatype: UInt16 = 0x03
    static let oldFillValue: UInt16 = 0x04
    static let fillValue: UInt16 = 0x05
    static let link: UInt16 = 0x06
    static let externalFiles: UInt16 = 0x07
    static let dataLayout: UInt16 = 0x08
    static let groupInfo: UInt16 = 0x0A
    static let filterPipeline: UInt16 = 0x0B
    static let attribute: UInt16 = 0x0C
    static let continuation: UInt16 = 0x10
    static let symbolTable: UInt16 = 0x11
    static let attributeInfo: UInt16 = 0x15
    static let lastKnown: UInt16 = 0x18
  }

  init(_ source: Source, at address: Int) throws {
    self.address = address
    var parser = Parser(source)
    var cursor = try source.cursor(.objectHeader, at: address)
    let first = try cursor.u8()
    if first == 1 {
      try parser.readVersion1(&cursor)
    } else {
      cursor = try source.cursor(.objectHeader, at: address)
      try parser.readVersion2(&cursor)
    }
    try source.charge(metadata: Limits.headerCost)
    messages = parser.messages
    isGroup = messages.contains {
      $0.type == MessageType.symbolTable || $0.type == MessageType.linkInfo
    }
  }

  func first(_ type: UInt16) -> Message? { messages.first { $0.type == type } }
}

extension ObjectHeader {
  /// Reads the blocks of a header one after another; a queue stands in for recursion.
  private struct Parser {
    let source: Source
    var messages: [Message] = []
    private var blocks: [Range<Int>] = []
    private var visited: Set<Int> = []

    init(_ source: Source) { self.source = source }

    mutating func readVersion1(_ cursor: inout Cursor) throws {
      try cursor.skip(1 + 2 + 4)  // reserved; number of messages; reference count
      let size = Int(try cursor.u32())
      try cursor.skip(4)  // to a multiple of 8
      var block = try cursor.part(size)
      try readMessages1(&block)
      while let range = blocks.popLast() {
        var block = try source.cursor(.objectHeader, range)
        try readMessages1(&block)
      }
    }

    mutating func readVersion2(_ cursor: inout Cursor) throws {
      let start = cursor.position
      try cursor.signature("OHDR")
      try cursor.version(2...2)
      let flags = try cursor.u8()
      if flags & 0b10_0000 != 0 { try cursor.skip(4 * 4) }  // times
      if flags & 0b1_0000 != 0 { try cursor.skip(2 + 2) }  // attribute phase change
      let size = try cursor.count(size: 1 << Int(flags & 0b11))
      let hasOrder = flags & 0b100 != 0
      var block = try cursor.part(size)
      try cursor.checksum(from: start, source)
      try readMessages2(&block, hasOrder: hasOrder)
      while let range = blocks.popLast() {
        var outer = try source.cursor(.objectHeader, range)
        try outer.signature("OCHK")
        guard outer.remaining >= 4 else { throw outer.malformed("a block is too small") }
        var block = try outer.part(outer.remaining - 4)
        try outer.checksum(from: range.lowerBound, source)
        try readMessages2(&block, hasOrder: hasOrder)
      }
    }

    private mutating func readMessages1(_ block: inout Cursor) throws {
      try source.charge(scanned: block.remaining)
      while block.remaining >= 8 {
        let type = UInt16(truncatingIfNeeded: try block.u16())
        let size = try block.u16()
        let flags = try block.u8()
        try block.skip(3)
        try add(Message(type: type, flags: flags, range: try block.part(size).range), block)
      }
    }

    private mutating func readMessages2(_ block: inout Cursor, hasOrder: Bool) throws {
      let headerSize = hasOrder ? 6 : 4
      while block.remaining >= headerSize {
        let type = UInt16(try block.u8())
        let size = try block.u16()
        let flags = try block.u8()
        if hasOrder { try block.skip(2) }
        try add(Message(type: type, flags: flags, range: try block.part(size).range), block)
      }
    }

    private mutating func add(_ message: Message, _ block: Cursor) throws {
      switch message.type {
      case 0:
        break
      case MessageType.continuation:
        var cursor = try source.cursor(.objectHeader, message.range)
        let start = try cursor.definedAddress(of: "continuation block")
        let size = try cursor.length()
        guard visited.insert(start).inserted else {
          throw HDF5Error(
            .cycle(structure: .objectHeader),
            at: .init(file: source.bytes.name, offset: message.range.lowerBound))
        }
        try source.charge(metadata: Limits.blockCost)
        blocks.append(try source.cursor(.objectHeader, at: start, count: size).range)
      default:
        // Bit 7: a reader that does not know the message must not open the object.
        if message.type >= MessageType.lastKnown && message.flags & 0x80 != 0 {
          throw block.unsupported("object header message type \(message.type)")
        }
        try source.charge(metadata: Limits.messageCost)
        messages.append(message)
      }
    }
  }
}
