/// The right operand of many products in one thread: packed where the processor has tiles, elsewhere as it is.
struct RightOperand: Sendable {
  private let packed: PackedMatrix?
  private let matrix: Matrix

  /// The elements of working memory that it takes.
  static func scratchCount(rows: Int, columns: Int) -> Int {
    PackedMatrix.count(rows: rows, columns: columns)
  }

  /// - Parameter scratch: of `scratchCount` elements.
  init(_ matrix: Matrix, scratch: Buffer, threads: Int) {
    self.matrix = matrix
    packed = PackedMatrix(matrix, into: scratch, threads: threads)
  }

  /// A matrix that was packed into `buffer` before.
  ///
  /// - Precondition: the processor has tiles, and the buffer holds the panels.
  init(packed buffer: Buffer, rows: Int, columns: Int) {
    packed = PackedMatrix(packed: buffer, rows: rows, columns: columns)
    matrix = Matrix(buffer.slice(0, 0), rows: 0, columns: columns)
    precondition(packed != nil || rows * columns == 0, "panels without tiles")
  }

  /// `c = a · b`, or `c += a · b`.
  ///
  /// - Parameter columns: those of b to take, from a multiple of 32 on; all unless given.
  /// - Precondition: the extents agree, and `c` is not transposed.
  func multiply(
    _ a: Matrix, columns: Range<Int>? = nil, into c: Matrix, accumulate: Bool
  ) {
    if let packed {
      packed.multiply(StridedRows(a), columns: columns, into: c, accumulate: accumulate)
    } else {
      let matrix = columns.map { self.matrix.columns($0) } ?? self.matrix
      precondition(
        a.width == matrix.height && a.height == c.rows && matrix.width == c.columns,
        "extents of a product that do not agree")
      multiplyInOneThread(a, matrix, into: c, accumulate: accumulate)
    }
  }
}
