/// The indexes that number the chunks: implicit, fixed array and extensible array.
extension ChunkIndex {
  /// How chunk numbers count: the axis that may grow without limit first, then the others in
  /// order, each as long as it can become.
  struct Numbering {
    let axes: [Int]
    /// Chunks per step along each of `axes`.
    let strides: [Int]
    /// Numbers from here on are beyond the present shape.
    let end: Int

    func position(of number: Int) -> [Int] {
      var rest = number
      var position = axes
      for (axis, stride) in zip(axes, strides) {
        position[axis] = rest / stride
        rest %= stride
      }
      return position
    }
  }

  /// - Parameter growing: whether one axis is unlimited, as an extensible array requires.
  func numbering(growing: Bool) throws -> Numbering {
    let unlimited = maximumGrid.indices.filter { maximumGrid[$0] == nil }
    guard unlimited.count == (growing ? 1 : 0) else {
      throw HDF5Error(
        .malformed(
          structure: growing ? .extensibleArray : .fixedArray,
          fault: "it indexes a dataset of \(unlimited.count) unlimited axes"),
        at: .init(file: source.bytes.name))
    }
    let axes = unlimited + maximumGrid.indices.filter { maximumGrid[$0] != nil }
    var strides = axes.map { _ in 1 }
    for place in axes.indices.dropLast().reversed() {
      strides[place] = strides[place + 1].multipliedClamped(by: maximumGrid[axes[place + 1]] ?? 1)
    }
    let end = axes.first.map { grid[$0].multipliedClamped(by: strides[0]) } ?? 0
    // Far more than libhdf5's 2^32, and far from overflow in what is computed from it.
    guard strides.allSatisfy({ $0 > 0 }), (1...1 << 48).contains(end) else {
      throw HDF5Error(
        .malformed(structure: .chunk, fault: "the grid of chunks is empty or uncountable"),
        at: .init(file: source.bytes.name))
    }
    return Numbering(axes: axes, strides: strides, end: end)
  }

  /// All chunks one behind the other, without any index.
  func readImplicit(at address: Int, _ give: (Record) throws -> Void) throws {
    let numbering = try numbering(growing: false)
    let total = numbering.end.multipliedClamped(by: layout.chunkBytes)
    let all = try source.cursor(.chunk, at: address, count: total)
    for number in 0..<numbering.end {
      try give(
        Record(
          position: numbering.position(of: number),
          address: all.position + number * layout.chunkBytes, size: layout.chunkBytes,
          skippedFilters: 0))
    }
  }

  /// The bytes of an array's element: an address, and a filtered chunk's size and mask.
  var elementWidth: Int {
    source.geometry.offsetSize + (isFiltered ? sizeWidth + 4 : 0)
  }

  /// Reads `count` elements from the number `first` on; those of no chunk are passed over.
  func readElements(
    _ cursor: inout Cursor, _ count: Int, from first: Int, _ numbering: Numbering,
    _ give: (Record) throws -> Void
  ) throws {
    for number in first..<min(first + count, max(first, numbering.end)) {
      let address = try cursor.address()
      let size = isFiltered ? try cursor.count(size: sizeWidth) : layout.chunkBytes
      let mask = isFiltered ? try cursor.u32() : 0
      guard let address else { continue }
      try give(
        Record(
          position: numbering.position(of: number), address: address, size: size,
          skippedFilters: mask))
    }
  }

  /// Checks what the headers of both arrays begin with: client and size of elements.
  func checkClient(_ cursor: inout Cursor) throws {
    let client = try cursor.u8()
    guard client == (isFiltered ? 1 : 0) else {
      throw cursor.malformed("its client is \(client), which does not fit the filters")
    }
  }

  /// The index of datasets of fixed greatest extents.
  /// (HDF5 File Format Specification 3.0, section VII.B.)
  func readFixedArray(at address: Int, _ give: (Record) throws -> Void) throws {
    var header = try source.cursor(.fixedArray, at: address)
    try header.signature("FAHD")
    try header.version(0...0)
    try checkClient(&header)
    let width = Int(try header.u8())
    let pageBits = Int(try header.u8())
    let count = try header.length()
    let blockAddress = try header.address()
    try header.checksum(from: address, source)
    guard width == elementWidth, pageBits < 32 else {
      throw header.malformed("elements of \(width) bytes, pages of 2^\(pageBits)")
    }
    guard let blockAddress else { return }

    let numbering = try numbering(growing: false)
    guard numbering.end <= count else {
      throw header.malformed("it has \(count) elements for \(numbering.end) chunks")
    }
    var block = try source.cursor(.fixedArray, at: blockAddress)
    try block.signature("FADB")
    try block.version(0...0)
    try checkClient(&block)
    guard try block.address() == address else { throw block.malformed("a block of another array") }
    let perPage = 1 << pageBits
    if count <= perPage {
      var elements = try block.part(count * width)
      try block.checksum(from: blockAddress, source)
      try readElements(&elements, count, from: 0, numbering, give)
      return
    }
    let pages = count.dividedRoundingUp(by: perPage)
    let written = try block.take(pages.dividedRoundingUp(by: 8))
    try block.checksum(from: blockAddress, source)
    let firstPage = block.position
    for page in 0..<pages where written.bit(page) {
      let first = page * perPage
      guard first < numbering.end else { break }
      let inPage = min(perPage, count - first)
      let place = firstPage.addingClamped(page.multipliedClamped(by: perPage * width + 4))
      var cursor = try source.cursor(.fixedArray, at: place, count: inPage * width + 4)
      var elements = try cursor.part(inPage * width)
      try cursor.checksum(from: place, source)
      try readElements(&elements, inPage, from: first, numbering, give)
    }
  }
}

extension [UInt8] {
  /// Bit `index`, the highest bit of each byte first.
  func bit(_ index: Int) -> Bool {
    index / 8 < count && self[index / 8] & (0x80 >> UInt8(index % 8)) != 0
  }
}
