/// What is done to the rows of a product while they are near.
internal import CKernels

/// A bias that is added to every row, and a function of each element, in this order.
package struct RowFinish: Sendable {
  private let bias: Buffer?
  private let function: UnaryLoop?
  private let parameters: kt_parameters

  package init(bias: Buffer? = nil, function: (loop: UnaryLoop, parameters: [Float])? = nil) {
    self.bias = bias
    self.function = function?.loop
    parameters = kt_parameters(function?.parameters ?? [])
  }

  var isEmpty: Bool { bias == nil && function == nil }

  /// In the calling thread.
  ///
  /// - Parameter column: that of the bias which the first column of `rows` gets.
  /// - Precondition: the bias has an element for every column.
  func apply(to rows: Matrix, column: Int = 0) {
    if isEmpty || rows.rows == 0 || rows.columns == 0 { return }
    // Rows without gaps are one run of elements.
    let runs = rows.stride == rows.columns ? 1 : rows.rows
    let count = rows.rows / runs
    for run in 0..<runs {
      let part = rows.buffer.slice(run * rows.stride, count * rows.columns)
      if let bias {
        // SAFETY: the part is `count` rows as wide as this part of the bias.
        unsafe kt_add_row(
          part.floats, count, rows.columns, bias.slice(column, rows.columns).floats)
      }
      function?.apply(to: part, parameters)
    }
  }
}
