/// Matrix products: of a few rows by themselves, of others by BLAS.
internal import CKernels

/// A row-major matrix in a buffer, or its transpose without moving anything.
package struct Matrix {
  package let buffer: Buffer
  package let rows: Int
  package let columns: Int
  /// Elements from one stored row to the next.
  package let stride: Int
  package let isTransposed: Bool

  /// A matrix of `rows` × `columns` as stored; with `transposed` it acts as its transpose.
  ///
  /// - Precondition: it lies within the buffer.
  package init(
    _ buffer: Buffer, rows: Int, columns: Int, stride: Int? = nil, transposed: Bool = false
  ) {
    let stride = stride ?? columns
    precondition(
      rows >= 0 && columns >= 0 && stride >= columns
        && (rows == 0 || columns == 0 || (rows - 1) * stride + columns <= buffer.count),
      "a matrix outside its buffer")
    self.buffer = buffer
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.isTransposed = transposed
  }

  var height: Int { isTransposed ? columns : rows }
  var width: Int { isTransposed ? rows : columns }

  /// Rows `range` of the matrix as it acts.
  func rows(_ range: Range<Int>) -> Matrix {
    isTransposed
      ? Matrix(
        buffer.slice(range.lowerBound), rows: rows,
        columns: range.count, stride: stride, transposed: true)
      : Matrix(
        buffer.slice(range.lowerBound * stride),
        rows: range.count, columns: columns, stride: stride)
  }

  /// Columns `range` of the matrix as it acts.
  func columns(_ range: Range<Int>) -> Matrix {
    isTransposed
      ? Matrix(
        buffer.slice(range.lowerBound * stride),
        rows: range.count, columns: columns, stride: stride, transposed: true)
      : Matrix(
        buffer.slice(range.lowerBound), rows: rows,
        columns: range.count, stride: stride)
  }
}

/// `c = a · b`, or `c += a · b`, finished; cut by rows or columns of `c`, whichever is longer, over threads.
///
/// - Precondition: the extents agree, `c` is not transposed, and `c` overlaps neither `a` nor `b`.
package func multiply(
  _ a: Matrix, _ b: Matrix, into c: Matrix, accumulate: Bool = false,
  finish: RowFinish = RowFinish(), threads: Int
) {
  precondition(
    a.width == b.height && a.height == c.rows && b.width == c.columns && !c.isTransposed,
    "a matrix product of \(a.height)×\(a.width) by \(b.height)×\(b.width) "
      + "into \(c.rows)×\(c.columns)")
  // Below this many multiplications a second thread costs more than it saves.
  let worthwhile = a.height * a.width * b.width > 1 << 16
  let threads = worthwhile ? threads : 1
  if c.rows >= c.columns {
    parallel(c.rows, threads: threads, multiple: 8) { range in
      multiplyInOneThread(a.rows(range), b, into: c.rows(range), accumulate: accumulate)
      finish.apply(to: c.rows(range))
    }
  } else {
    parallel(c.columns, threads: threads, multiple: 16) { range in
      multiplyInOneThread(a, b.columns(range), into: c.columns(range), accumulate: accumulate)
      finish.apply(to: c.columns(range), column: range.lowerBound)
    }
  }
}

/// As many rows are multiplied by a matrix as it is stored: to pack it, as BLAS does, takes longer.
private let rowsByThemselves = 8

/// `multiply` in the calling thread, for kernels that share out whole samples themselves.
package func multiplyInOneThread(_ a: Matrix, _ b: Matrix, into c: Matrix, accumulate: Bool) {
  guard c.rows > 0, c.columns > 0 else { return }
  let lanes = PackedMatrix.lanes
  if lanes > 0, c.rows <= rowsByThemselves, !accumulate, !a.isTransposed, !b.isTransposed {
    // SAFETY: `Matrix` checked that each operand lies within its buffer.
    unsafe kt_row_product(
      Int32(lanes), a.buffer.floats, a.stride, b.buffer.floats, b.stride, c.buffer.floats, c.stride,
      c.rows, c.columns, a.width)
    return
  }
  // SAFETY: `Matrix` checked that each operand lies within its buffer; extents fit Int32 because
  // buffers of more than 2^31 rows or columns do not fit in memory.
  unsafe kt_sgemm(
    a.isTransposed ? 1 : 0, b.isTransposed ? 1 : 0, Int32(c.rows), Int32(c.columns),
    Int32(a.width), a.buffer.floats, Int32(max(a.stride, 1)), b.buffer.floats,
    Int32(max(b.stride, 1)), accumulate ? 1 : 0, c.buffer.floats, Int32(max(c.stride, 1)))
}
