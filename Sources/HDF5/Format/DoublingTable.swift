/// How a fractal heap lays out its blocks: rows of `width` blocks, the first two rows of the
/// starting size and each further row of twice the size of the one before.
/// (HDF5 File Format Specification 3.0, section III.G, "Doubling Table".)
struct DoublingTable {
  let width: Int
  let startingBlock: Int
  let largestDirect: Int
  /// Bits of an offset in the heap.
  let heapBits: Int
  /// The root block, and its rows where it is an indirect block.
  let root: Int?
  let rootRows: Int

  init(_ cursor: inout Cursor) throws {
    let start = cursor.position
    width = try cursor.u16()
    startingBlock = try cursor.length()
    largestDirect = try cursor.length()
    heapBits = try cursor.u16()
    _ = try cursor.u16()  // rows that a new root would get
    root = try cursor.address()
    rootRows = try cursor.u16()
    guard width > 0, width.isPowerOfTwo, startingBlock.isPowerOfTwo, largestDirect.isPowerOfTwo,
      startingBlock <= largestDirect, largestDirect <= 1 << 32, (1...62).contains(heapBits),
      width <= 1 << 15, rootRows <= 64
    else {
      throw cursor.malformed(
        "\(width) blocks a row, from \(startingBlock) to \(largestDirect) bytes, "
          + "\(rootRows) rows, \(heapBits) bits", at: start)
    }
  }

  /// Rows whose blocks are direct.
  var directRows: Int {
    largestDirect.trailingZeroBitCount - startingBlock.trailingZeroBitCount + 2
  }

  /// Bytes of a block in `row`; `Int.max` where it does not fit, which no offset reaches.
  func blockSize(row: Int) -> Int {
    let shift = max(row - 1, 0) + startingBlock.trailingZeroBitCount
    return shift < 62 ? 1 << shift : .max
  }

  /// Where in an indirect block an offset falls.
  func place(of offset: Int) -> (row: Int, column: Int, inner: Int)? {
    var rowStart = 0
    for row in 0..<64 {
      let size = blockSize(row: row)
      let rowSize = size.multipliedClamped(by: width)
      if offset - rowStart < rowSize {
        let inRow = offset - rowStart
        return (row, inRow / size, inRow % size)
      }
      rowStart = rowStart.addingClamped(rowSize)
    }
    return nil
  }

  /// The rows of an indirect block that spans `size` bytes of the heap.
  func rows(ofBlockSize size: Int, _ source: Source) throws -> Int {
    let first = startingBlock.trailingZeroBitCount + width.trailingZeroBitCount
    let rows = size.trailingZeroBitCount - first + 1
    guard size != .max, rows > 0 else {
      throw try source.cursor(.fractalHeap, at: source.geometry.base).malformed(
        "an indirect block of \(size) bytes has no rows")
    }
    return rows
  }
}

extension Int {
  var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}
