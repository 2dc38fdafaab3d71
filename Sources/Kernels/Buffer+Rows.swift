/// Rows of a user's data, gathered into a batch.
extension Buffer {
  /// Copies rows of `width` elements each: row `rows[i]` of `values` becomes row i here.
  ///
  /// - Precondition: `values` has these rows, and they fit.
  package func store(rows: ArraySlice<Int>, of values: [Float], width: Int, threads: Int) {
    unsafe store(rows, of: values, width, threads, in: floats)
  }

  /// Copies rows of `width` elements each: row `rows[i]` of `values` becomes row i here.
  ///
  /// - Precondition: `values` has these rows, and they fit.
  package func store(rows: ArraySlice<Int>, of values: [Int32], width: Int, threads: Int) {
    unsafe store(rows, of: values, width, threads, in: ints)
  }

  /// - Parameter target: this buffer's elements.
  private func store<Element: Sendable>(
    _ rows: ArraySlice<Int>, of values: [Element], _ width: Int, _ threads: Int,
    in target: UnsafeMutablePointer<Element>
  ) {
    precondition(rows.count * width <= count, "the rows do not fit the buffer")
    let height = width == 0 ? 0 : values.count / width
    // SAFETY: the threads write rows of their own, and are done when this returns.
    nonisolated(unsafe) let target = unsafe target
    parallel(rows.count, threads: threads.worthwhile(rows.count * width)) { places in
      // SAFETY: each row is checked to lie in `values`, and all of them to fit here.
      unsafe values.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, width > 0 else { return }
        for place in places {
          let row = rows[rows.startIndex + place]
          precondition(row >= 0 && row < height, "a row outside the data")
          unsafe target.advanced(by: place * width)
            .update(from: source.advanced(by: row * width), count: width)
        }
      }
    }
  }
}
