/// Sums and maxima along axes.
internal import CKernels

/// A row-major array [outer, reduced, inner] whose middle axis a reduction takes away.
package struct ReductionExtents: Sendable, Hashable {
  package let outer: Int
  package let reduced: Int
  package let inner: Int

  package init(outer: Int, reduced: Int, inner: Int) {
    precondition(outer >= 0 && reduced >= 0 && inner >= 0, "a negative extent")
    self.outer = outer
    self.reduced = reduced
    self.inner = inner
  }

  package var inputCount: Int { outer * reduced * inner }
  package var outputCount: Int { outer * inner }

  /// Elements along the reduced axis that are summed in float32 before the partial sums are added up
  /// in float64: this bounds the rounding error. It does not depend on the threads, so neither does
  /// the result.
  private var blockLength: Int { inner == 1 ? 4096 : 128 }
  var blocks: Int { max(1, (reduced + blockLength - 1) / blockLength) }

  func block(_ index: Int) -> Range<Int> {
    index * blockLength..<min((index + 1) * blockLength, reduced)
  }

  /// The elements of working memory that a sum needs.
  package var sumScratchCount: Int { blocks > 1 ? outer * blocks * inner : 0 }
}

/// `y[o, i] = Σᵣ x[o, r, i] / divisor`.
///
/// - Precondition: the buffers hold the extents, `scratch` at least `sumScratchCount` elements.
package func sum(
  _ x: Buffer, _ extents: ReductionExtents, divisor: Float = 1, into y: Buffer, scratch: Buffer,
  threads: Int
) {
  precondition(
    x.count == extents.inputCount && y.count == extents.outputCount
      && scratch.count >= extents.sumScratchCount, "a sum over extents that do not fit")
  let threads = threads.worthwhile(x.count)
  let (blocks, inner) = (extents.blocks, extents.inner)
  guard blocks > 1 else {
    return sumBlocks(of: x, extents, divisor: divisor, into: y, threads: threads)
  }
  sumBlocks(of: x, extents, divisor: 1, into: scratch, threads: threads)
  for outer in 0..<extents.outer {
    // SAFETY: scratch holds `blocks` rows of `inner` elements for each outer index, y one row.
    unsafe kt_combine_sums(
      scratch.floats + outer * blocks * inner, blocks, inner, divisor, y.floats + outer * inner)
  }
}

/// The sum of each block of each outer index: [outer, blocks, inner].
private func sumBlocks(
  of x: Buffer, _ extents: ReductionExtents, divisor: Float, into sums: Buffer, threads: Int
) {
  let (blocks, reduced, inner) = (extents.blocks, extents.reduced, extents.inner)
  if inner == 1, blocks == 1 {
    return parallel(extents.outer, threads: threads) { range in
      // SAFETY: rows of `range` lie in x, and one sum for each in the output.
      unsafe kt_row_sums(
        x.floats + range.lowerBound * reduced, range.count, reduced, divisor,
        sums.floats + range.lowerBound)
    }
  }
  let units = extents.outer * blocks
  // With fewer units than threads, columns are shared out instead.
  let byColumns = units < threads
  parallel(units, threads: byColumns ? 1 : threads) { range in
    for unit in range {
      let block = extents.block(unit % blocks)
      let first = (unit / blocks * reduced + block.lowerBound) * inner
      // SAFETY: the block's rows lie in x; the output has a row of `inner` elements per unit.
      if inner == 1 {
        unsafe kt_row_sums(x.floats + first, 1, block.count, divisor, sums.floats + unit)
      } else {
        parallel(inner, threads: byColumns ? threads : 1, multiple: 64) { columns in
          unsafe kt_column_sums(
            x.floats + first, block.count, inner, columns.lowerBound, columns.upperBound, divisor,
            sums.floats + unit * inner)
        }
      }
    }
  }
}

/// `y[o, i] = maxᵣ x[o, r, i]`; NaN where one of the elements is.
///
/// - Precondition: the buffers hold the extents, and the reduced one is positive.
package func maximum(_ x: Buffer, _ extents: ReductionExtents, into y: Buffer, threads: Int) {
  precondition(
    x.count == extents.inputCount && y.count == extents.outputCount && extents.reduced > 0,
    "a maximum over extents that do not fit")
  let threads = threads.worthwhile(x.count)
  let (reduced, inner) = (extents.reduced, extents.inner)
  if inner == 1 {
    return parallel(extents.outer, threads: threads) { range in
      // SAFETY: rows of `range` lie in x, and one element for each in y.
      unsafe kt_row_maxima(
        x.floats + range.lowerBound * reduced, range.count, reduced, y.floats + range.lowerBound)
    }
  }
  forEachPart(extents, threads: threads) { outer, columns in
    // SAFETY: the matrix [reduced, inner] of this outer index lies in x, its row in y.
    unsafe kt_column_maxima(
      x.floats + outer * reduced * inner, reduced, inner, columns.lowerBound, columns.upperBound,
      y.floats + outer * inner)
  }
}

/// The gradient of `maximum`: `dx[o, r, i]` is a share of `dy[o, i]` where x is the largest, else 0; equal
/// elements have equal shares.
///
/// - Precondition: as for `maximum`.
package func maximumGradient(
  at x: Buffer, of dy: Buffer, _ extents: ReductionExtents, into dx: Buffer, threads: Int
) {
  precondition(
    x.count == extents.inputCount && dx.count == x.count && dy.count == extents.outputCount
      && extents.reduced > 0, "the gradient of a maximum over extents that do not fit")
  let (reduced, inner) = (extents.reduced, extents.inner)
  forEachPart(extents, threads: threads.worthwhile(x.count)) { outer, columns in
    // SAFETY: the matrix [reduced, inner] of this outer index lies in x and dx, its row in dy.
    unsafe kt_max_gradient(
      x.floats + outer * reduced * inner, dy.floats + outer * inner, reduced, inner,
      columns.lowerBound, columns.upperBound, dx.floats + outer * reduced * inner)
  }
}

/// Shares out outer indices, or the columns where there are too few of them.
private func forEachPart(
  _ extents: ReductionExtents, threads: Int, _ body: @Sendable (Int, Range<Int>) -> Void
) {
  if extents.outer >= threads {
    parallel(extents.outer, threads: threads) { range in
      for outer in range { body(outer, 0..<extents.inner) }
    }
  } else {
    for outer in 0..<extents.outer {
      parallel(extents.inner, threads: threads, multiple: 16) { body(outer, $0) }
    }
  }
}
