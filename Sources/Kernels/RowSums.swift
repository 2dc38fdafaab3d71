/// Weighted sums of rows.
internal import CKernels

/// For each row of a result which rows of an operand it is the sum of, and with which weights.
package struct RowSums: Sendable {
  private let length: Int
  private let positions: [Int32]
  private let weights: [Float]
  /// Where the terms of each row begin; one more for the end.
  private let starts: [Int32]

  /// - Parameter length: the number of rows of the operand.
  /// - Precondition: every position is below it.
  package init(length: Int, _ sums: [[(position: Int, weight: Float)]]) {
    precondition(
      sums.joined().allSatisfy { $0.position >= 0 && $0.position < length },
      "a row that is not there"
    )
    self.length = length
    positions = sums.joined().map { Int32($0.position) }
    weights = sums.joined().map(\.weight)
    starts = sums.reduce(into: [0]) { $0.append(($0.last ?? 0) + Int32($1.count)) }
  }

  private var count: Int { starts.count - 1 }

  /// `y[o, j] = Σₖ weightₖ · x[o, positionₖ]`, each a row of `width` elements.
  ///
  /// - Precondition: the buffers hold the extents.
  package func apply(to x: Buffer, outer: Int, width: Int, into y: Buffer, threads: Int) {
    precondition(
      x.count == outer * length * width && y.count == outer * count * width,
      "sums of rows that do not fit")
    parallel(outer * count, threads: threads.worthwhile(weights.count * outer * width)) { range in
      var row = range.lowerBound
      while row < range.upperBound {
        let (o, first) = row.quotientAndRemainder(dividingBy: count)
        let end = min(first + range.upperBound - row, count)
        // SAFETY: the rows of index o lie in both buffers, and every position below `length`; the
        // rows from `first` on are this thread's own. The lists have the terms of each row.
        unsafe starts.withUnsafeBufferPointer { starts in
          unsafe positions.withUnsafeBufferPointer { positions in
            unsafe weights.withUnsafeBufferPointer { weights in
              unsafe kt_sum_rows(
                x.floats + o * length * width, width, starts.baseAddress, positions.baseAddress,
                weights.baseAddress, first, end, y.floats + o * count * width)
            }
          }
        }
        row += end - first
      }
    }
  }
}
