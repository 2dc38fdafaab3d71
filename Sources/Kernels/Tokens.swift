/// Whole numbers into floats, and back.
internal import CKernels

/// `y[i]` is 1 where `x[i]`, an int32, is not `value`, else 0.
///
/// - Precondition: the counts agree.
package func differ(_ x: Buffer, from value: Int32, into y: Buffer, threads: Int) {
  precondition(x.count == y.count, "\(x.count) tokens into \(y.count) elements")
  parallel(x.count, threads: threads.worthwhile(x.count), multiple: 16) { range in
    // SAFETY: both buffers have the elements of `range`, which are this thread's own.
    unsafe kt_tokens_differ(
      x.ints + range.lowerBound, range.count, value, y.floats + range.lowerBound)
  }
}

/// `y[i, d]` is 1 where `x[i]`, an int32, is d, else 0.
///
/// - Precondition: `y` holds `depth` elements for each of x.
package func oneHot(_ x: Buffer, depth: Int, into y: Buffer, threads: Int) {
  precondition(depth >= 0 && y.count == x.count * depth, "one-hot rows that do not fit")
  parallel(x.count, threads: threads.worthwhile(y.count)) { range in
    // SAFETY: rows of `range` lie in y and are this thread's own; C checks each token.
    unsafe kt_one_hot(
      x.ints + range.lowerBound, range.count, depth, y.floats + range.lowerBound * depth)
  }
}

/// Each int32 as a float. Both may be the same buffer.
///
/// - Precondition: the counts agree.
package func convertToFloat(_ x: Buffer, into y: Buffer, threads: Int) {
  precondition(x.count == y.count, "\(x.count) whole numbers into \(y.count) elements")
  parallel(x.count, threads: threads.worthwhile(x.count), multiple: 16) { range in
    // SAFETY: both buffers have the elements of `range`, which are this thread's own.
    unsafe kt_to_float(x.ints + range.lowerBound, range.count, y.floats + range.lowerBound)
  }
}

/// Each float as an int32, towards zero. Both may be the same buffer.
///
/// - Precondition: the counts agree.
package func convertToInt(_ x: Buffer, into y: Buffer, threads: Int) {
  precondition(x.count == y.count, "\(x.count) numbers into \(y.count) elements")
  parallel(x.count, threads: threads.worthwhile(x.count), multiple: 16) { range in
    // SAFETY: both buffers have the elements of `range`, which are this thread's own.
    unsafe kt_to_int(x.floats + range.lowerBound, range.count, y.ints + range.lowerBound)
  }
}
