/// Functions of one number, element by element.
internal import CKernels

/// A pair of C loops: a function's values, and a gradient times its derivative. Found by name in the
/// one table of these loops, `unary.c`.
package struct UnaryLoop: Sendable, Hashable {
  package let name: String
  private let code: Int

  /// The loops named `name`, or nil where the table has none.
  package init?(named name: String) {
    guard let code = Self.names.firstIndex(of: name) else { return nil }
    self.name = name
    self.code = code
  }

  /// All names in the table.
  package static let names: [String] = (0..<kt_unary_count()).map { code in
    // SAFETY: the code is below the count; the name is a string literal.
    unsafe String(cString: kt_unary_name(code))
  }

  /// `y[i] = f(x[i])`. Both may be the same buffer.
  ///
  /// - Parameter parameters: up to three.
  /// - Precondition: the counts agree.
  package func values(
    of x: Buffer, parameters: [Float], into y: Buffer, threads: Int
  ) {
    precondition(x.count == y.count, "\(name) of \(x.count) elements into \(y.count)")
    let parameters = kt_parameters(parameters)
    parallel(x.count, threads: threads.worthwhile(x.count * 2), multiple: 16) { range in
      // SAFETY: both buffers have the elements of `range`, which are this thread's own.
      unsafe kt_unary(
        code, parameters, x.floats + range.lowerBound, y.floats + range.lowerBound, range.count)
    }
  }

  /// `x[i] = f(x[i])`, in the calling thread.
  func apply(to x: Buffer, _ parameters: kt_parameters) {
    // SAFETY: exactly this buffer's elements.
    unsafe kt_unary(code, parameters, x.floats, x.floats, x.count)
  }

  /// `dx[i] = dy[i] · f′`, the derivative being taken at the input or output `point[i]`, as the
  /// table says. Any two may be the same buffer.
  ///
  /// - Precondition: the counts agree.
  package func gradient(
    at point: Buffer, of dy: Buffer, parameters: [Float], into dx: Buffer, threads: Int
  ) {
    precondition(
      point.count == dx.count && dy.count == dx.count,
      "the gradient of \(name) with \(point.count) and \(dy.count) elements into \(dx.count)")
    let parameters = kt_parameters(parameters)
    parallel(dx.count, threads: threads.worthwhile(dx.count * 2), multiple: 16) { range in
      // SAFETY: all buffers have the elements of `range`, which are this thread's own.
      unsafe kt_unary_gradient(
        code, parameters, point.floats + range.lowerBound, dy.floats + range.lowerBound,
        dx.floats + range.lowerBound, range.count)
    }
  }
}

extension kt_parameters {
  init(_ values: [Float]) {
    precondition(values.count <= 3, "loops have three parameters")
    let padded = values + [0, 0, 0]
    self.init(a: padded[0], b: padded[1], c: padded[2])
  }
}
