/// Rows of tables: what embeddings read, and where their gradients go.
internal import CKernels

/// The first element that is not in 0 ..< `bound`, if there is one.
package func firstIndex(in tokens: Buffer, outside bound: Int) -> (position: Int, value: Int32)? {
  // SAFETY: the loop in C reads exactly the buffer's elements.
  let position = unsafe kt_first_outside(tokens.ints, tokens.count, Int32(clamping: bound))
  guard position < tokens.count else { return nil }
  return unsafe (position, tokens.ints[position])
}

/// `output[i, :] = table[tokens[i], :]`.
///
/// - Precondition: every token is a row of the table (see `firstIndex`), and `output` holds a row
///   for each.
package func gatherRows(
  of table: Buffer, width: Int, at tokens: Buffer, into output: Buffer, threads: Int
) {
  precondition(output.count == tokens.count * width, "the gathered rows do not fill the output")
  parallel(tokens.count, threads: threads) { range in
    // SAFETY: tokens were checked to number rows of the table; rows of `range` are this thread's own.
    unsafe kt_gather_rows(
      table.floats, width, tokens.ints + range.lowerBound, range.count,
      output.floats + range.lowerBound * width)
  }
}

/// `output[v, :] = Σ rows[i, :]` over the positions i with token v. Each thread owns a range of the
/// table's rows and adds in the order of the positions, so the sum does not depend on the threads.
///
/// - Precondition: every token is in 0 ..< `rows`, as a gather before has checked.
package func scatterAddRows(
  _ source: Buffer, width: Int, at tokens: Buffer, rows: Int, into output: Buffer, threads: Int
) {
  precondition(
    source.count == tokens.count * width && output.count == rows * width,
    "the scattered rows do not fit")
  parallel(rows, threads: threads) { range in
    // SAFETY: C adds only to rows of `range`, which lie in `output` and are this thread's own.
    unsafe kt_scatter_add_rows(
      source.floats, width, tokens.ints, tokens.count, Int32(clamping: range.lowerBound),
      Int32(clamping: range.upperBound), output.floats)
  }
}
