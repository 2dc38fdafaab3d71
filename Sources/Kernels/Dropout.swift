/// Zeroing elements at random, and the multiplication by such a mask.
internal import CKernels

/// Where the numbers of a dropout or of noise stand in the space of all random numbers.
package struct DropoutStream: Sendable {
  package let key: UInt64
  package let counter: (UInt32, UInt32, UInt32)

  package init(key: UInt64, counter: (UInt32, UInt32, UInt32)) {
    self.key = key
    self.counter = counter
  }
}

/// Elements whose random words are drawn together; also where the work may be cut.
package let dropoutGroup = 64

/// `y[i] = x[i] * scale`, or 0 where the random word of element `i` is below `threshold`.
///
/// - Parameter first: the index of the first element among all that are drawn for, a multiple of
///   `dropoutGroup`.
/// - Precondition: `x` and `y` have the same count, and are the same or do not overlap.
package func dropout(
  _ x: Buffer, into y: Buffer, stream: DropoutStream, from first: Int = 0, threshold: UInt32,
  scale: Float, threads: Int
) {
  precondition(x.count == y.count, "dropout from \(x.count) to \(y.count) elements")
  precondition(first % dropoutGroup == 0, "dropout from the middle of a group")
  parallel(x.count, threads: threads, multiple: dropoutGroup) { range in
    // 16 counters give one group of 64 words.
    let counter = UInt32(truncatingIfNeeded: (first + range.lowerBound) / dropoutGroup * 16)
    let from = x.slice(range.lowerBound, range.count)
    let to = y.slice(range.lowerBound, range.count)
    // SAFETY: both slices hold `range.count` elements.
    unsafe kt_dropout(
      from.floats, to.floats, Int64(range.count), counter, stream.counter.0, stream.counter.1,
      stream.counter.2, stream.key, threshold, scale)
  }
}

/// `y[i] = x[i] + deviation · n`, or `x[i] · (1 + deviation · n)`, n being the normal number of element i.
///
/// - Precondition: `x` and `y` have the same count, and are the same or do not overlap.
package func noise(
  _ x: Buffer, into y: Buffer, stream: DropoutStream, deviation: Float, isFactor: Bool, threads: Int
) {
  precondition(x.count == y.count, "noise from \(x.count) to \(y.count) elements")
  parallel(x.count, threads: threads, multiple: dropoutGroup) { range in
    let counter = UInt32(truncatingIfNeeded: range.lowerBound / dropoutGroup * 16)
    // SAFETY: both buffers hold the elements of `range`.
    unsafe kt_noise(
      x.floats + range.lowerBound, y.floats + range.lowerBound, Int64(range.count), counter,
      stream.counter.0, stream.counter.1, stream.counter.2, stream.key, deviation, isFactor ? 1 : 0)
  }
}

/// `y = x * mask`, element by element, and 0 where the mask is 0.
///
/// - Precondition: all three have the same count; `y` is `x` or overlaps nothing.
package func applyMask(_ x: Buffer, _ mask: Buffer, into y: Buffer) {
  precondition(x.count == y.count && x.count == mask.count, "a mask of another count")
  // SAFETY: all three hold `x.count` elements.
  unsafe kt_apply_mask(x.floats, mask.floats, y.floats, Int64(x.count))
}

/// `y = x * mask[index]`, and 0 where that is 0.
///
/// - Precondition: `x` and `y` have the same count, and `index` lies in the mask.
package func applyMask(_ x: Buffer, _ mask: Buffer, at index: Int, into y: Buffer) {
  precondition(x.count == y.count && mask.count > index && index >= 0, "outside the mask")
  // SAFETY: `index` was checked; `x` and `y` hold `x.count` elements.
  unsafe kt_apply_mask_value(x.floats, mask.floats[index], y.floats, Int64(x.count))
}
