/// Softmax and sparsemax of rows.
internal import CKernels

/// The softmax of each row, or its logarithm. Both may be the same buffer.
///
/// - Precondition: the buffers hold whole rows of `columns` elements, at least one.
package func softmaxRows(
  of x: Buffer, columns: Int, logarithm: Bool = false, into y: Buffer, threads: Int
) {
  precondition(
    columns > 0 && x.count == y.count && x.count.isMultiple(of: columns), "rows that do not fit")
  parallel(x.count / columns, threads: threads.worthwhile(x.count * 4)) { range in
    // SAFETY: rows of `range` lie in both buffers and are this thread's own.
    unsafe kt_softmax_rows(
      x.floats + range.lowerBound * columns, range.count, columns, logarithm ? 1 : 0,
      y.floats + range.lowerBound * columns)
  }
}

/// The sparsemax of each row: its projection onto the probabilities. Both may be the same buffer.
///
/// - Precondition: the buffers hold whole rows of `columns` elements, at least one.
package func sparsemaxRows(of x: Buffer, columns: Int, into y: Buffer, threads: Int) {
  precondition(
    columns > 0 && x.count == y.count && x.count.isMultiple(of: columns), "rows that do not fit")
  parallel(x.count / columns, threads: threads.worthwhile(x.count * 4)) { range in
    // SAFETY: rows of `range` lie in both buffers and are this thread's own.
    unsafe kt_sparsemax_rows(
      x.floats + range.lowerBound * columns, range.count, columns,
      y.floats + range.lowerBound * columns)
  }
}
