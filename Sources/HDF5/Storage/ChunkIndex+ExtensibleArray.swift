/// The index of datasets with one unlimited axis: blocks of numbers that double in size.
/// (HDF5 File Format Specification 3.0, section VII.C.)
extension ChunkIndex {
  func readExtensibleArray(at address: Int, _ give: (Record) throws -> Void) throws {
    let array = try ExtensibleArray(self, at: address)
    try array.read(give)
  }
}

private struct ExtensibleArray {
  let index: ChunkIndex
  let numbering: ChunkIndex.Numbering
  let address: Int
  let width: Int
  /// Bytes of an element's number in a block's header.
  let numberWidth: Int
  let inIndexBlock: Int
  let leastElements: Int
  let leastPointers: Int
  let perPage: Int
  let superBlocks: Int
  let indexBlock: Int?

  var source: Source { index.source }

  init(_ index: ChunkIndex, at address: Int) throws {
    self.index = index
    self.address = address
    numbering = try index.numbering(growing: true)
    var header = try index.source.cursor(.extensibleArray, at: address)
    try header.signature("EAHD")
    try header.version(0...0)
    try index.checkClient(&header)
    width = Int(try header.u8())
    let bits = Int(try header.u8())
    inIndexBlock = Int(try header.u8())
    leastElements = Int(try header.u8())
    leastPointers = Int(try header.u8())
    let pageBits = Int(try header.u8())
    try header.skip(6 * index.source.geometry.lengthSize)  // statistics
    indexBlock = try header.address()
    try header.checksum(from: address, index.source)
    guard width == index.elementWidth, (1...64).contains(bits), pageBits < 32,
      leastElements.isPowerOfTwo, leastPointers.isPowerOfTwo,
      bits >= leastElements.trailingZeroBitCount
    else {
      throw header.malformed(
        "elements of \(width) bytes, 2^\(bits) at most, blocks of \(leastElements) and "
          + "\(leastPointers), pages of 2^\(pageBits)")
    }
    perPage = 1 << pageBits
    numberWidth = (bits + 7) / 8
    superBlocks = 1 + bits - leastElements.trailingZeroBitCount
  }

  func read(_ give: (ChunkIndex.Record) throws -> Void) throws {
    guard let indexBlock else { return }
    var block = try source.cursor(.extensibleArray, at: indexBlock)
    try begin(&block, "EAIB")
    var elements = try block.part(inIndexBlock * width)
    let direct = 2 * leastPointers.trailingZeroBitCount
    let directBlocks = 2 * (leastPointers - 1)
    let offsetSize = source.geometry.offsetSize
    var pointers = try block.part((directBlocks + max(superBlocks - direct, 0)) * offsetSize)
    try block.checksum(from: indexBlock, source)

    try index.readElements(&elements, inIndexBlock, from: 0, numbering, give)
    var first = inIndexBlock
    for number in 0..<superBlocks where first < numbering.end {
      let blocks = 1 << (number / 2)
      let size = leastElements.multipliedClamped(by: 1 << ((number + 1) / 2))
      if number < direct {
        for _ in 0..<blocks {
          let address = try pointers.address()
          if let address, first < numbering.end {
            guard size <= perPage else { throw pointers.malformed("pages in the index block") }
            try readBlock(at: address, size, from: first, give)
          }
          first = first.addingClamped(size)
        }
      } else {
        if let address = try pointers.address() {
          try readSuperBlock(at: address, blocks, of: size, from: first, give)
        }
        first = first.addingClamped(blocks.multipliedClamped(by: size))
      }
    }
  }

  private func readSuperBlock(
    at address: Int, _ blocks: Int, of size: Int, from start: Int,
    _ give: (ChunkIndex.Record) throws -> Void
  ) throws {
    var block = try source.cursor(.extensibleArray, at: address)
    try begin(&block, "EASB")
    try block.skip(numberWidth)
    let pages = size > perPage ? size / perPage : 0
    let written = try block.take(blocks.multipliedClamped(by: (pages + 7) / 8))
    var pointers = try block.part(blocks.multipliedClamped(by: source.geometry.offsetSize))
    try block.checksum(from: address, source)
    var first = start
    for number in 0..<blocks where first < numbering.end {
      if let address = try pointers.address() {
        if pages == 0 {
          try readBlock(at: address, size, from: first, give)
        } else {
          try readPages(at: address, pages, from: first, give) { written.bit(number * pages + $0) }
        }
      }
      first = first.addingClamped(size)
    }
  }

  private func readBlock(
    at address: Int, _ count: Int, from first: Int, _ give: (ChunkIndex.Record) throws -> Void
  ) throws {
    var block = try source.cursor(.extensibleArray, at: address)
    try begin(&block, "EADB")
    try block.skip(numberWidth)
    var elements = try block.part(count.multipliedClamped(by: width))
    try block.checksum(from: address, source)
    try index.readElements(&elements, count, from: first, numbering, give)
  }

  private func readPages(
    at address: Int, _ pages: Int, from start: Int, _ give: (ChunkIndex.Record) throws -> Void,
    isWritten: (Int) -> Bool
  ) throws {
    var block = try source.cursor(.extensibleArray, at: address)
    try begin(&block, "EADB")
    try block.skip(numberWidth)
    try block.checksum(from: address, source)
    let pageBytes = perPage * width
    for page in 0..<pages {
      let first = start + page * perPage
      guard first < numbering.end else { return }
      let place = block.position.addingClamped(page.multipliedClamped(by: pageBytes + 4))
      guard isWritten(page) else { continue }
      var cursor = try source.cursor(.extensibleArray, at: place, count: pageBytes + 4)
      var elements = try cursor.part(pageBytes)
      try cursor.checksum(from: place, source)
      try index.readElements(&elements, perPage, from: first, numbering, give)
    }
  }

  /// What every block of the array begins with.
  private func begin(_ cursor: inout Cursor, _ signature: String) throws {
    try cursor.signature(signature)
    try cursor.version(0...0)
    try index.checkClient(&cursor)
    guard try cursor.address() == address else {
      throw cursor.malformed("a block of another array")
    }
  }
}
