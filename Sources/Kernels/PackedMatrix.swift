/// The right operand of products, laid out for tiles of registers.
internal import CKernels

/// A matrix in panels of 32 columns, so that a product reads it in one piece. Packing costs a pass
/// over the matrix; it pays where the left operand has more than a few rows.
///
/// Processors with AVX-512 or AVX2 have such tiles. One core with AVX-512 does 218 GFLOPS on the windows
/// of the review classifier, 101 with AVX2, where OpenBLAS 0.3.21 does 106 with AVX2. Elsewhere `count`
/// is 0 and products are BLAS's.
package struct PackedMatrix: Sendable {
  private let buffer: Buffer
  package let rows: Int
  package let columns: Int

  private let lanes: Int32

  /// The columns of a panel.
  package static let panelWidth = 32

  /// The floats in a register of the tiles; 0 where there are none.
  package static let lanes = Int(kt_tile_lanes())

  /// The elements of working memory that packing takes; 0 where there are no tiles.
  package static func count(rows: Int, columns: Int) -> Int {
    lanes > 0 ? rows * panels(columns) * panelWidth : 0
  }

  static func panels(_ columns: Int) -> Int { (columns + panelWidth - 1) / panelWidth }

  /// Packs `matrix` into working memory of `count` elements; nil where there are no tiles.
  ///
  /// - Parameter lanes: those of narrower tiles, to try them; the processor's unless given.
  package init?(
    _ matrix: Matrix, into scratch: Buffer, threads: Int, lanes: Int = PackedMatrix.lanes
  ) {
    guard lanes == 16 || lanes == 8, lanes <= Self.lanes, matrix.height > 0, matrix.width > 0
    else { return nil }
    self.lanes = Int32(lanes)
    let (rows, columns) = (matrix.height, matrix.width)
    buffer = scratch.slice(0, Self.count(rows: rows, columns: columns))
    self.rows = rows
    self.columns = columns
    let (rowStride, columnStride) = matrix.isTransposed ? (1, matrix.stride) : (matrix.stride, 1)
    let buffer = buffer
    let threads = threads.worthwhile(rows * columns)
    parallel(Self.panels(columns), threads: threads) { range in
      // SAFETY: `Matrix` checked its extents, and the buffer holds all panels; each thread has its own.
      unsafe kt_pack(
        matrix.buffer.floats, rowStride, columnStride, rows, columns, range.lowerBound,
        range.upperBound, buffer.floats, rows * Self.panelWidth)
    }
  }

  /// A matrix of `rows` × `columns` that was packed into `buffer` before; nil where there are no tiles.
  ///
  /// - Precondition: the buffer holds its panels.
  package init?(packed buffer: Buffer, rows: Int, columns: Int) {
    guard Self.lanes > 0, rows > 0, columns > 0 else { return nil }
    precondition(
      buffer.count >= Self.count(rows: rows, columns: columns), "panels outside their buffer")
    self.buffer = buffer
    self.rows = rows
    self.columns = columns
    self.lanes = Int32(Self.lanes)
  }

  /// Puts `matrix` in the place of the rows from `row` on, in the calling thread.
  ///
  /// - Precondition: it has as many columns, and its rows lie within this matrix.
  func store(_ matrix: Matrix, at row: Int) {
    precondition(
      matrix.width == columns && row >= 0 && row + matrix.height <= rows,
      "rows outside a packed matrix")
    // SAFETY: `Matrix` checked its extents; the rows lie within every panel.
    unsafe kt_pack(
      matrix.buffer.floats, matrix.isTransposed ? 1 : matrix.stride,
      matrix.isTransposed ? matrix.stride : 1, matrix.height, columns, 0, Self.panels(columns),
      buffer.floats + row * Self.panelWidth, rows * Self.panelWidth)
  }

  /// Makes these rows zero.
  func clear(_ range: Range<Int>) {
    for panel in 0..<Self.panels(columns) where !range.isEmpty {
      buffer.slice(
        (panel * rows + range.lowerBound) * Self.panelWidth, range.count * Self.panelWidth
      ).fill(0)
    }
  }

  /// `c = a · b`, or `c += a · b`, in the calling thread, where b is `rows` of this matrix.
  ///
  /// - Parameters:
  ///   - rows: all of them unless given.
  ///   - columns: those of this matrix to take, from a multiple of 32 on; all unless given.
  /// - Precondition: the extents agree, and `a` and `c` lie within their buffers.
  package func multiply(
    _ a: StridedRows, rows range: Range<Int>? = nil, columns part: Range<Int>? = nil,
    into c: Matrix, accumulate: Bool
  ) {
    let range = range ?? 0..<rows
    let part = part ?? 0..<columns
    precondition(
      range.count == a.width && a.height == c.rows && !c.isTransposed && part.count == c.columns
        && part.lowerBound % Self.panelWidth == 0 && range.upperBound <= rows
        && part.upperBound <= columns, "extents of a packed product that do not agree")
    guard c.rows > 0, c.columns > 0 else { return }
    let first = part.lowerBound * rows + range.lowerBound * Self.panelWidth
    // SAFETY: the operands checked their extents; the part of the panels was checked above.
    unsafe kt_product(
      lanes, a.buffer.floats, a.rowStride, a.columnStride, buffer.floats + first,
      rows * Self.panelWidth,
      c.buffer.floats, c.stride, c.rows, c.columns, range.count, accumulate ? 1 : 0)
  }

  /// `c = a · b` with the whole matrix, cut by rows or by columns over threads, and finished.
  package func multiply(
    _ a: Matrix, into c: Matrix, finish: RowFinish = RowFinish(), threads: Int
  ) {
    let threads = threads.worthwhile(a.height * rows * columns / 16)
    if c.rows >= c.columns {
      parallel(c.rows, threads: threads, multiple: lanes == 16 ? 14 : 6) { range in
        multiply(StridedRows(a.rows(range)), into: c.rows(range), accumulate: false)
        finish.apply(to: c.rows(range))
      }
    } else {
      parallel(c.columns, threads: threads, multiple: Self.panelWidth) { range in
        multiply(StridedRows(a), columns: range, into: c.columns(range), accumulate: false)
        finish.apply(to: c.columns(range), column: range.lowerBound)
      }
    }
  }
}

/// A left operand with any strides: rows may overlap, as the windows of a convolution do.
package struct StridedRows: Sendable {
  package let buffer: Buffer
  package let height: Int
  package let width: Int
  package let rowStride: Int
  package let columnStride: Int

  /// - Precondition: every element lies within the buffer.
  package init(_ buffer: Buffer, height: Int, width: Int, rowStride: Int, columnStride: Int = 1) {
    precondition(
      height >= 0 && width >= 0 && rowStride >= 0 && columnStride >= 0
        && (height == 0 || width == 0
          || (height - 1) * rowStride + (width - 1) * columnStride < buffer.count),
      "rows outside their buffer")
    self.buffer = buffer
    self.height = height
    self.width = width
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  package init(_ matrix: Matrix) {
    self.init(
      matrix.buffer, height: matrix.height, width: matrix.width,
      rowStride: matrix.isTransposed ? 1 : matrix.stride,
      columnStride: matrix.isTransposed ? matrix.stride : 1)
  }
}
