/// Positions in the order of their tokens.
internal import CKernels

/// Tells for each row of a table which positions name it, in ascending order.
package struct TokenOrder: Sendable {
  private let starts: Buffer
  private let positions: Buffer
  private let rows: Int

  /// The elements of working memory that the order takes.
  package static func scratchCount(rows: Int, tokens: Int) -> Int { rows + 1 + tokens }

  /// Sorts positions by counting. Tokens outside 0 ..< `rows` are left out.
  ///
  /// - Precondition: `scratch` holds `scratchCount` elements.
  package init(_ tokens: Buffer, rows: Int, scratch: Buffer) {
    starts = scratch.slice(0, rows + 1)
    positions = scratch.slice(rows + 1, tokens.count)
    self.rows = rows
    // SAFETY: `starts` holds an element for each row and one more, `positions` one for each token.
    unsafe kt_order_tokens(tokens.ints, tokens.count, rows, starts.ints, positions.ints)
  }

  /// `sum[v, :] = Σ source[i, :]` over the positions i of each token v of `range`, in their order;
  /// and the same of the squares of `source`.
  ///
  /// - Precondition: `sum` and `squares` hold a row for each of `range`, `source` one for each token.
  package func addRows(
    of source: Buffer, width: Int, for range: Range<Int>, into sum: Buffer, squares: Buffer?
  ) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows && sum.count == range.count * width
        && (squares?.count ?? sum.count) == sum.count && source.count == positions.count * width,
      "the ordered rows do not fit")
    // SAFETY: positions number rows of `source`, and the results hold the rows of `range`.
    unsafe kt_add_ordered_rows(
      source.floats, width, starts.ints + range.lowerBound, range.count, positions.ints,
      sum.floats, squares?.floats)
  }
}
