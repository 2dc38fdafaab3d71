/// Moving elements: repetition, transposition, and rows into or out of a larger array.
internal import CKernels

/// `y = x` broadcast to `shape`.
///
/// - Precondition: the shapes broadcast, and the buffers hold them.
package func repeatElements(
  of x: Buffer, _ xShape: [Int], into y: Buffer, _ shape: [Int], threads: Int
) {
  precondition(
    x.count == xShape.reduce(1, *) && y.count == shape.reduce(1, *),
    "a repetition of elements that do not fill their shapes")
  guard y.count > 0 else { return }
  let loops = BroadcastLoops([xShape], to: shape)
  loops.forEachRun(threads: threads) { starts, first, rows, columns in
    // SAFETY: the loops stay within the shapes, whose counts were checked above.
    unsafe kt_copy_rows(
      x.floats + starts[0], loops.rowStride(0), loops.columnStride(0), y.floats + first, columns,
      rows, columns)
  }
}

/// `y` is x with its axes in another order: axis i of y is axis `permutation[i]` of x.
///
/// - Precondition: `permutation` is one of the axes of `shape`; both buffers hold the shape's count.
package func transpose(
  _ x: Buffer, _ shape: [Int], _ permutation: [Int], into y: Buffer, threads: Int
) {
  precondition(
    permutation.sorted() == Array(shape.indices) && x.count == shape.reduce(1, *)
      && y.count == x.count, "a transposition of \(shape) by \(permutation)")
  guard x.count > 0 else { return }
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.reversed().dropFirst() {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  let loops = BroadcastLoops(
    extents: permutation.map { shape[$0] }, strides: [permutation.map { strides[$0] }])
  loops.forEachRun(threads: threads) { starts, first, rows, columns in
    // SAFETY: the loops visit each element of the shape once, within the counts checked above.
    unsafe kt_copy_rows(
      x.floats + starts[0], loops.rowStride(0), loops.columnStride(0), y.floats + first, columns,
      rows, columns)
  }
}

/// Copies `rows` rows of `columns` elements between arrays whose rows are `fromStride` and `toStride`
/// elements apart, from and to the given first elements.
///
/// - Precondition: the rows lie within their buffers.
package func copyRows(
  _ rows: Int, of columns: Int, from x: Buffer, at fromStart: Int, stride fromStride: Int,
  into y: Buffer, at toStart: Int, stride toStride: Int, threads: Int
) {
  guard rows > 0, columns > 0 else { return }
  precondition(
    fromStart >= 0 && toStart >= 0 && fromStride >= 0 && toStride >= columns
      && fromStart + (rows - 1) * fromStride + columns <= x.count
      && toStart + (rows - 1) * toStride + columns <= y.count, "rows outside their buffers")
  parallel(rows, threads: threads.worthwhile(rows * columns)) { range in
    // SAFETY: all rows were checked to lie in both buffers; those of `range` are this thread's own.
    unsafe kt_copy_rows(
      x.floats + fromStart + range.lowerBound * fromStride, fromStride, 1,
      y.floats + toStart + range.lowerBound * toStride, toStride, range.count, columns)
  }
}
