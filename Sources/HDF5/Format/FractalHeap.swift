/// The heap that holds the links or attributes of an object with many of them.
/// (HDF5 File Format Specification 3.0, section III.G.)
struct FractalHeap {
  private let source: Source
  private let address: Int
  private let idLength: Int
  private let checksumsBlocks: Bool
  private let hugeTree: Int?
  private let table: DoublingTable
  /// Bytes of an offset and of a length in the identifier of a managed object.
  private let offsetSize: Int
  private let lengthSize: Int

  /// Direct blocks that were found whole already, and where the objects of huge identifiers are.
  private var checked: Set<Int> = []
  private var indirect: [Int: IndirectBlock] = [:]
  private var huge: [UInt64: (start: Int, count: Int)]?

  init(_ source: Source, at address: Int) throws {
    self.source = source
    self.address = address
    var cursor = try source.cursor(.fractalHeap, at: address)
    try cursor.signature("FRHP")
    try cursor.version(0...0)
    idLength = try cursor.u16()
    let filterLength = try cursor.u16()
    checksumsBlocks = try cursor.u8() & 0b10 != 0
    let largestManaged = Int(try cursor.u32())
    try cursor.skip(source.geometry.lengthSize)  // next huge identifier
    hugeTree = try cursor.address()
    // Free space and its manager; managed space, allocated space, iterator, count; sizes and counts
    // of huge and tiny objects.
    try cursor.skip(2 * source.geometry.lengthSize + source.geometry.offsetSize)
    try cursor.skip(7 * source.geometry.lengthSize)
    table = try DoublingTable(&cursor)
    guard filterLength == 0 else { throw cursor.unsupported("a filtered fractal heap") }
    try cursor.checksum(from: address, source)
    offsetSize = (table.heapBits + 7) / 8
    lengthSize = min(table.largestDirect.byteWidth, largestManaged.byteWidth)
  }

  /// The object that the identifier at `id` names.
  mutating func object(_ id: Cursor, as structure: HDF5Error.Structure) throws -> Cursor {
    guard id.remaining >= idLength, idLength > 0 else {
      throw id.malformed("a heap identifier has \(id.remaining) bytes, not \(idLength)")
    }
    var id = try source.cursor(.fractalHeap, at: id.position, count: idLength)
    let first = try id.u8()
    guard first >> 6 == 0 else { throw id.malformed("a heap identifier of version \(first >> 6)") }
    switch first >> 4 & 0b11 {
    case 0:
      let offset = try id.count(size: offsetSize)
      let length = try id.count(size: lengthSize)
      return try managed(offset, length, structure)
    case 1:
      return try hugeObject(&id, structure)
    case 2:
      var length = Int(first & 0x0F)
      if idLength > 18 { length = length << 8 | Int(try id.u8()) }
      return try id.part(length + 1, of: structure)
    default:
      throw id.malformed("a heap identifier of an unknown type")
    }
  }

  // MARK: Managed objects

  /// The `length` bytes at `offset` of the heap's own address space.
  private mutating func managed(
    _ offset: Int, _ length: Int, _ structure: HDF5Error.Structure
  ) throws -> Cursor {
    let (block, inner) = try directBlock(containing: offset)
    let header = 5 + source.geometry.offsetSize + offsetSize + (checksumsBlocks ? 4 : 0)
    guard inner >= header, length <= block.count - inner else {
      throw HDF5Error(
        .outOfBounds(
          structure: .fractalHeap, needed: length, available: max(block.count - inner, 0)),
        at: .init(file: source.bytes.name, offset: block.lowerBound))
    }
    return try source.cursor(structure, at: block.lowerBound + inner, count: length)
  }

  /// The direct block of a heap offset, and the offset within it.
  private mutating func directBlock(containing offset: Int) throws -> (Range<Int>, Int) {
    guard var block = table.root else {
      throw try source.cursor(.fractalHeap, at: address).malformed("it has no root block")
    }
    var rows = table.rootRows
    var inner = offset
    // Each step goes to a smaller block, so the bits of the heap's size bound the loop.
    for _ in 0...64 where rows > 0 {
      let node = try indirectBlock(at: block, rows: rows)
      guard let place = table.place(of: inner), place.row < rows else {
        throw try source.cursor(.fractalHeap, at: block).malformed("offset \(offset) is outside")
      }
      guard let child = node.children[place.row * table.width + place.column] else {
        throw try source.cursor(.fractalHeap, at: block).malformed(
          "offset \(offset) is in a block that does not exist")
      }
      inner = place.inner
      block = child
      if place.row < table.directRows {
        return (try checkedBlock(at: block, size: table.blockSize(row: place.row)), inner)
      }
      rows = try table.rows(ofBlockSize: table.blockSize(row: place.row), source)
    }
    guard rows == 0 else {
      throw try source.cursor(.fractalHeap, at: block).malformed("blocks nest too deep")
    }
    return (try checkedBlock(at: block, size: table.startingBlock), inner)
  }

  /// The range of a direct block, once its signature and checksum were found right.
  private mutating func checkedBlock(at block: Int, size: Int) throws -> Range<Int> {
    var cursor = try source.cursor(.fractalHeap, at: block, count: size)
    let range = cursor.range
    if checked.contains(block) { return range }
    try source.charge(metadata: Limits.blockCost)
    try cursor.signature("FHDB")
    try cursor.version(0...0)
    guard try cursor.address() == address else {
      throw cursor.malformed("a block is of another heap")
    }
    try cursor.skip(offsetSize)
    if checksumsBlocks {
      // The checksum covers the block with zeros in its own place.
      let place = cursor.position
      let stored = try cursor.u32()
      guard try source.mustSum(range) else { return range }
      var copy = source.bytes.withBytes(range) { $0.array }
      for index in 0..<4 { copy[place - block + index] = 0 }
      let computed = lookup3(RawSpan(_elements: copy.span))
      guard stored == computed else {
        throw HDF5Error(
          .checksum(structure: .fractalHeap, stored: stored, computed: computed),
          at: .init(file: source.bytes.name, offset: place))
      }
      source.wasSummed(range)
    }
    checked.insert(block)
    return range
  }

  private struct IndirectBlock {
    let children: [Int?]
  }

  private mutating func indirectBlock(at block: Int, rows: Int) throws -> IndirectBlock {
    if let known = indirect[block] {
      guard known.children.count == rows * table.width else {
        throw try source.cursor(.fractalHeap, at: block).malformed("a block has two sizes")
      }
      return known
    }
    var cursor = try source.cursor(.fractalHeap, at: block)
    try cursor.signature("FHIB")
    try cursor.version(0...0)
    guard try cursor.address() == address else {
      throw cursor.malformed("a block is of another heap")
    }
    try cursor.skip(offsetSize)
    let count = rows.multipliedClamped(by: table.width)
    guard count <= cursor.remaining / source.geometry.offsetSize else {
      throw HDF5Error(
        .outOfBounds(
          structure: .fractalHeap, needed: count.multipliedClamped(by: source.geometry.offsetSize),
          available: cursor.remaining),
        at: .init(file: source.bytes.name, offset: block))
    }
    try source.charge(metadata: Limits.blockCost + 16 * count)
    var children: [Int?] = []
    for _ in 0..<count { children.append(try cursor.address()) }
    try cursor.checksum(from: block, source)
    let node = IndirectBlock(children: children)
    indirect[block] = node
    return node
  }

  // MARK: Huge objects

  /// An object too large for a block, which stands in the file by itself.
  private mutating func hugeObject(
    _ id: inout Cursor, _ structure: HDF5Error.Structure
  ) throws -> Cursor {
    if source.geometry.offsetSize + source.geometry.lengthSize <= idLength - 1 {
      let start = try id.definedAddress(of: "huge object")
      return try source.cursor(structure, at: start, count: try id.length())
    }
    let key = try id.number(size: min(idLength - 1, 8))
    let objects = try huge ?? readHuge()
    huge = objects
    guard let object = objects[key] else { throw id.malformed("huge object \(key) is missing") }
    return try source.cursor(structure, at: object.start, count: object.count)
  }

  private func readHuge() throws -> [UInt64: (start: Int, count: Int)] {
    guard let hugeTree else {
      throw try source.cursor(.fractalHeap, at: address).malformed("it has no huge objects")
    }
    var objects: [UInt64: (start: Int, count: Int)] = [:]
    var walk = try BTreeV2Walk(source, at: hugeTree, types: [1])
    while var record = try walk.next() {
      let start = try record.definedAddress(of: "huge object")
      let count = try record.length()
      try source.charge(metadata: Limits.heapObjectCost)
      objects[try record.number(size: source.geometry.lengthSize)] = (start, count)
    }
    return objects
  }
}
