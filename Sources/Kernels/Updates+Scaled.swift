/// Weight decay, and optimizer updates whose step depends on the size of the whole parameter.
///
/// These go over a parameter in passes, in between which sums are known; the sums are taken in parts
/// that depend on the count alone, so every number of threads gives the same bits.
internal import CKernels

/// p -= p · decay · rate
package func decayParameter(_ parameter: Updated, by decay: Float, rate: Float, threads: Int) {
  shared(parameter, parameter.old, threads: threads) { range, p, _ in
    // SAFETY: both slices hold `range.count` elements.
    unsafe kt_decay(p.old.floats, p.new.floats, Int64(range.count), decay, rate)
  }
}

/// The sum of all squares, or where there are divisors of all quotients.
///
/// - Parameter scratch: has room for `partCount` float64.
private func sumOfSquares(
  _ values: Buffer, orQuotientsBy divisors: Buffer? = nil, scratch: Buffer, threads: Int
) -> Double {
  precondition(scratch.count >= 2 * partCount, "no room for sums")
  let length = max(16, (values.count + partCount - 1) / partCount)
  parallel(partCount, threads: values.count < 1 << 14 ? 1 : threads) { parts in
    for part in parts {
      let start = min(part * length, values.count)
      let slice = values.slice(start, min(length, values.count - start))
      // SAFETY: the slices' own elements, of one count; there is room for every part's sum.
      if let divisors = divisors?.slice(start, slice.count) {
        unsafe scratch.doubles[part] = kt_sum_of_quotients(
          slice.floats, divisors.floats, Int64(slice.count))
      } else {
        unsafe scratch.doubles[part] = kt_sum_of_squares(slice.floats, Int64(slice.count))
      }
    }
  }
  var sum = 0.0
  // SAFETY: as above.
  for part in 0..<partCount { sum += unsafe scratch.doubles[part] }
  return sum
}

private let partCount = 64

extension Buffer {
  /// The elements two by two as float64.
  fileprivate var doubles: UnsafeMutablePointer<Double> {
    // SAFETY: the memory of a buffer begins at a multiple of 64 bytes where kernels use it so.
    unsafe UnsafeMutableRawPointer(floats).assumingMemoryBound(to: Double.self)
  }
}

/// The working memory of an update in passes: what the parameter goes down by, and sums.
package enum ScaledUpdateScratch {
  /// The elements that an update of a parameter takes.
  package static func count(_ parameter: Int, columns: Int = 0) -> Int {
    sums(columns) + parameter
  }

  /// Sums stand first, since they are float64.
  fileprivate static func sums(_ columns: Int) -> Int {
    (2 * max(partCount, columns) + 15) / 16 * 16
  }
}

/// The constants of a Lamb update in float32.
package struct LambConstants: Sendable {
  package var rate: Float
  package var oneMinusBeta1: Float
  package var oneMinusBeta2: Float
  /// What the means of gradients and of their squares are divided by.
  package var corrections: (Float, Float)
  package var epsilon: Float

  package init(
    rate: Float, oneMinusBeta1: Float, oneMinusBeta2: Float, corrections: (Float, Float),
    epsilon: Float
  ) {
    self.rate = rate
    self.oneMinusBeta1 = oneMinusBeta1
    self.oneMinusBeta2 = oneMinusBeta2
    self.corrections = corrections
    self.epsilon = epsilon
  }
}

/// m += (g - m)(1 - β₁); v += (g² - v)(1 - β₂); s = m / correction₁ / (√(v / correction₂) + epsilon);
/// p -= ‖p‖ / ‖s‖ · rate · s, where the ratio is 1 if either norm is 0
///
/// - Parameter scratch: as much as ``ScaledUpdateScratch`` says.
package func updateByLamb(
  _ parameter: Updated, gradient: Buffer, squares: Buffer? = nil, mean: Updated, square: Updated,
  _ c: LambConstants, scratch: Buffer, threads: Int
) {
  let count = parameter.old.count
  let step = scratch.slice(ScaledUpdateScratch.sums(0), count)
  shared(parameter, gradient, threads: threads) { range, _, g in
    let q = squares?.slice(range.lowerBound, range.count)
    let m = mean.slice(range)
    let v = square.slice(range)
    let step = step.slice(range.lowerBound, range.count)
    var constants = kt_lamb_constants(
      one_minus_beta1: c.oneMinusBeta1, one_minus_beta2: c.oneMinusBeta2,
      correction1: c.corrections.0, correction2: c.corrections.1, epsilon: c.epsilon)
    // SAFETY: all slices hold `range.count` elements; absent squares are null.
    unsafe kt_lamb(
      g.floats, q?.floats, m.old.floats, v.old.floats, m.new.floats, v.new.floats, step.floats,
      Int64(range.count), &constants)
  }
  let size = Float(sumOfSquares(parameter.old, scratch: scratch, threads: threads)).squareRoot()
  let length = Float(sumOfSquares(step, scratch: scratch, threads: threads)).squareRoot()
  let ratio = size > 0 && length > 0 ? size / length : 1
  stepDown(parameter, step, divisor: 1, rate: ratio * c.rate, threads: threads)
}

/// p -= step / divisor · rate
private func stepDown(
  _ parameter: Updated, _ step: Buffer, divisor: Float, rate: Float, threads: Int
) {
  shared(parameter, step, threads: threads) { range, p, step in
    // SAFETY: all slices hold `range.count` elements.
    unsafe kt_step_down(
      p.old.floats, step.floats, p.new.floats, Int64(range.count), divisor, rate)
  }
}

/// The constants of an Adafactor update in float32.
package struct AdafactorConstants: Sendable {
  /// The smaller of the learning rate and that of the number of the update.
  package var rate: Float
  package var beta2: Float
  package var epsilon1: Float
  package var epsilon2: Float
  package var clipThreshold: Float

  package init(
    rate: Float, beta2: Float, epsilon1: Float, epsilon2: Float, clipThreshold: Float
  ) {
    self.rate = rate
    self.beta2 = beta2
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.clipThreshold = clipThreshold
  }
}

/// The means of an Adafactor update.
package struct AdafactorSlots: Sendable {
  /// Of squares by row and by column of each matrix; of one element each, and not used, for a vector.
  package var rows: Updated
  package var columns: Updated
  package var squares: Updated
  /// The extents of one of the matrices that the parameter consists of; nil for a vector.
  package var matrix: (rows: Int, columns: Int)?

  package init(
    rows: Updated, columns: Updated, squares: Updated, matrix: (rows: Int, columns: Int)?
  ) {
    self.rows = rows
    self.columns = columns
    self.squares = squares
    self.matrix = matrix
  }
}

/// r and c: means of g² + epsilon₁ by row and by column; v = r ⊗ c / mean(r), for a vector the mean of
/// its own squares; u = g / √v; p -= max(epsilon₂, rms(p)) · rate · u / max(1, rms(u) / clipThreshold)
///
/// - Parameter scratch: as much as ``ScaledUpdateScratch`` says.
package func updateByAdafactor(
  _ parameter: Updated, gradient: Buffer, squares: Buffer? = nil, _ slots: AdafactorSlots,
  _ c: AdafactorConstants, scratch: Buffer, threads: Int
) {
  let count = parameter.old.count
  let step = scratch.slice(ScaledUpdateScratch.sums(slots.matrix?.columns ?? 0), count)
  if let matrix = slots.matrix {
    factored(gradient, squares, slots, matrix, c, scratch: scratch, into: step)
  } else {
    shared(slots.squares, gradient, threads: threads) { range, v, g in
      let q = squares?.slice(range.lowerBound, range.count)
      // SAFETY: all slices hold `range.count` elements; absent squares are null.
      unsafe kt_adafactor_vector(
        g.floats, q?.floats, v.old.floats, v.new.floats,
        step.slice(range.lowerBound, range.count).floats, Int64(range.count), c.beta2, 1 - c.beta2,
        c.epsilon1)
    }
  }
  func rootMean(_ values: Buffer, dividedBy divisors: Buffer? = nil) -> Float {
    let sum = sumOfSquares(values, orQuotientsBy: divisors, scratch: scratch, threads: threads)
    return Float(sum / Double(count)).squareRoot()
  }
  // The squares of what is made of squares that are given are these over v.
  let size =
    squares.map { rootMean($0, dividedBy: slots.squares.new) } ?? rootMean(step)
  let rate = max(c.epsilon2, rootMean(parameter.old)) * c.rate
  let divisor = max(1, size / c.clipThreshold)
  stepDown(parameter, step, divisor: divisor, rate: rate, threads: threads)
}

private func factored(
  _ gradient: Buffer, _ squares: Buffer?, _ slots: AdafactorSlots,
  _ matrix: (rows: Int, columns: Int), _ c: AdafactorConstants, scratch: Buffer, into step: Buffer
) {
  let (rows, columns) = matrix
  for start in stride(from: 0, to: gradient.count, by: max(1, rows * columns)) {
    let number = start / (rows * columns)
    let g = gradient.slice(start, rows * columns)
    let q = squares?.slice(start, rows * columns)
    let r = slots.rows.slice(number * rows..<(number + 1) * rows)
    let k = slots.columns.slice(number * columns..<(number + 1) * columns)
    let v = slots.squares.slice(start..<start + rows * columns)
    // SAFETY: the slices hold the elements of one matrix, its rows and its columns, and the scratch
    // has room for a sum of each column.
    unsafe kt_adafactor_means(
      g.floats, q?.floats, r.old.floats, k.old.floats, r.new.floats, k.new.floats,
      scratch.doubles, Int64(rows), Int64(columns), c.beta2, 1 - c.beta2, c.epsilon1)
    unsafe kt_adafactor_matrix(
      g.floats, r.new.floats, k.new.floats, v.new.floats,
      step.slice(start, rows * columns).floats, Int64(rows), Int64(columns))
  }
}
