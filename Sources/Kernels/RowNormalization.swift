/// Rows brought to mean 0 and variance 1, each for itself.
internal import CKernels

/// The extents of rows that are normalised, and the blocks of rows whose gradients are summed at a time.
package struct NormalizedRows: Sendable {
  package let rows: Int
  package let columns: Int
  /// Whether the mean is subtracted; otherwise it counts as 0.
  package let centers: Bool

  package init(rows: Int, columns: Int, centers: Bool) {
    precondition(rows >= 0 && columns >= 0, "a negative extent")
    self.rows = rows
    self.columns = columns
    self.centers = centers
  }

  private var count: Int { rows * columns }

  /// Rows whose gradients are summed in float32. It does not depend on the threads, so neither does the
  /// result.
  private static let blockRows = 64
  private var blocks: Int { (rows + Self.blockRows - 1) / Self.blockRows }

  /// The working memory of `gradient`.
  package var scratchCount: Int { 2 * (blocks + 1) * columns }

  /// `y = (x - mean) · r · gamma + beta`, `r = 1 / √(mean of (x - mean)² + epsilon)`, with the mean and r
  /// of each row. x and y may be the same buffer.
  ///
  /// - Precondition: the buffers hold the extents.
  package func normalize(
    _ x: Buffer, gamma: Buffer, beta: Buffer, epsilon: Float, into y: Buffer, means: Buffer,
    factors: Buffer, threads: Int
  ) {
    precondition(
      x.count == count && y.count == count && gamma.count == columns && beta.count == columns
        && means.count == rows && factors.count == rows, "rows that do not fit")
    parallel(rows, threads: threads.worthwhile(count)) { range in
      let first = range.lowerBound * columns
      // SAFETY: the rows of `range` lie in all buffers, and are this thread's own.
      unsafe kt_normalize_rows(
        x.floats + first, gamma.floats, beta.floats, epsilon, centers ? 1 : 0, range.count,
        columns, y.floats + first, means.floats + range.lowerBound,
        factors.floats + range.lowerBound)
    }
  }

  /// The gradients of x, gamma and beta.
  ///
  /// - Precondition: the buffers hold the extents, `scratch` at least `scratchCount` elements; dx may be
  ///   dy.
  package func gradient(
    at x: Buffer, gamma: Buffer, means: Buffer, factors: Buffer, of dy: Buffer, into dx: Buffer,
    dGamma: Buffer, dBeta: Buffer, scratch: Buffer, threads: Int
  ) {
    precondition(
      [x, dy, dx].allSatisfy { $0.count == count }
        && [gamma, dGamma, dBeta].allSatisfy { $0.count == columns }
        && means.count == rows && factors.count == rows && scratch.count >= scratchCount,
      "gradients that do not fit their rows")
    parallel(blocks, threads: threads.worthwhile(count)) { range in
      for block in range {
        let row = block * Self.blockRows
        let first = row * columns
        // SAFETY: the block's rows lie in all buffers, and are this thread's own; scratch has two rows
        // of sums for each block.
        unsafe kt_normalized_rows_gradient(
          x.floats + first, gamma.floats, means.floats + row, factors.floats + row,
          dy.floats + first, centers ? 1 : 0, min(Self.blockRows, rows - row), columns,
          dx.floats + first, scratch.floats + 2 * block * columns,
          scratch.floats + (2 * block + 1) * columns)
      }
    }
    let sums = scratch.slice(2 * blocks * columns, 2 * columns)
    // SAFETY: the sums of a block are side by side; `sums` has room for both rows of them.
    unsafe kt_combine_sums(scratch.floats, blocks, 2 * columns, 1, sums.floats)
    for c in 0..<columns {
      // SAFETY: c is below `columns`, which both hold.
      unsafe dGamma.floats[c] = sums.floats[c]
      unsafe dBeta.floats[c] = sums.floats[columns + c]
    }
  }
}
