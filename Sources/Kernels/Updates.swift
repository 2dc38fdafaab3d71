/// Optimizer updates: one pass over a parameter, its gradient and the optimizer's slots.
///
/// In each of these an output may be the input that it updates, and nothing overlaps otherwise; the
/// arithmetic, to the rounding of each operation, is Keras's in float32.
internal import CKernels

/// A parameter or slot before and after an update.
package struct Updated: Sendable {
  package let old: Buffer
  package let new: Buffer

  /// - Precondition: both have the same count.
  package init(_ old: Buffer, _ new: Buffer) {
    precondition(old.count == new.count, "an update of \(old.count) to \(new.count) elements")
    self.old = old
    self.new = new
  }

  package func slice(_ range: Range<Int>) -> Updated {
    Updated(
      old.slice(range.lowerBound, range.count), new.slice(range.lowerBound, range.count))
  }
}

/// Cuts an update over threads at cache lines; below this many elements a thread costs more.
func shared(
  _ parameter: Updated, _ gradient: Buffer, threads: Int,
  _ body: @Sendable (Range<Int>, Updated, Buffer) -> Void
) {
  let count = parameter.old.count
  precondition(gradient.count == count, "a gradient of another count than its parameter")
  parallel(count, threads: count < 1 << 14 ? 1 : threads, multiple: 16) { range in
    body(range, parameter.slice(range), gradient.slice(range.lowerBound, range.count))
  }
}

/// p -= g · rate
package func updateBySGD(_ parameter: Updated, gradient: Buffer, rate: Float, threads: Int) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    // SAFETY: all slices hold `range.count` elements.
    unsafe kt_sgd(p.old.floats, g.floats, p.new.floats, Int64(range.count), rate)
  }
}

/// m = m · momentum - g · rate; p += m, or with `nesterov` p += m · momentum - g · rate
package func updateBySGD(
  _ parameter: Updated, gradient: Buffer, momentum slot: Updated, rate: Float, momentum: Float,
  nesterov: Bool, threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let m = slot.slice(range)
    let count = Int64(range.count)
    // SAFETY: all slices hold `range.count` elements.
    if nesterov {
      unsafe kt_sgd_nesterov(
        p.old.floats, g.floats, m.old.floats, p.new.floats, m.new.floats, count, rate, momentum)
    } else {
      unsafe kt_sgd_momentum(
        p.old.floats, g.floats, m.old.floats, p.new.floats, m.new.floats, count, rate, momentum)
    }
  }
}

/// The constants of an Adam update in float32.
package struct AdamConstants: Sendable {
  /// The learning rate with both bias corrections.
  package let alpha: Float
  package let oneMinusBeta1: Float
  package let oneMinusBeta2: Float
  package let epsilon: Float

  package init(alpha: Float, oneMinusBeta1: Float, oneMinusBeta2: Float, epsilon: Float) {
    self.alpha = alpha
    self.oneMinusBeta1 = oneMinusBeta1
    self.oneMinusBeta2 = oneMinusBeta2
    self.epsilon = epsilon
  }
}

/// m += (g - m)(1 - β₁); v += (g² - v)(1 - β₂); p -= m · alpha / (√v + epsilon), where with
/// `largest` (AMSGrad) the root is that of the largest v so far. `squares` takes the place of g².
package func updateByAdam(
  _ parameter: Updated, gradient: Buffer, squares: Buffer? = nil, mean: Updated, square: Updated,
  largest: Updated?,
  _ c: AdamConstants, threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let q = squares?.slice(range.lowerBound, range.count)
    let m = mean.slice(range)
    let v = square.slice(range)
    let count = Int64(range.count)
    let largest = largest?.slice(range)
    // SAFETY: all slices hold `range.count` elements; those that are absent are null.
    unsafe kt_adam(
      p.old.floats, g.floats, q?.floats, m.old.floats, v.old.floats, largest?.old.floats,
      p.new.floats, m.new.floats, v.new.floats, largest?.new.floats, count, c.alpha,
      c.oneMinusBeta1, c.oneMinusBeta2, c.epsilon)
  }
}

/// The constants of an RMSprop update in float32.
package struct RMSpropConstants: Sendable {
  package let rate: Float
  package let rho: Float
  package let oneMinusRho: Float
  package let momentum: Float
  package let epsilon: Float

  package init(rate: Float, rho: Float, oneMinusRho: Float, momentum: Float, epsilon: Float) {
    self.rate = rate
    self.rho = rho
    self.oneMinusRho = oneMinusRho
    self.momentum = momentum
    self.epsilon = epsilon
  }
}

/// v = ρ v + (1 - ρ) g²; a = ρ a + (1 - ρ) g; s = rate · g / √(v - a² + epsilon);
/// m = momentum · m + s; p -= m. Without `momentum` p -= s; without `average` a is 0. `squares` takes
/// the place of g².
package func updateByRMSprop(
  _ parameter: Updated, gradient: Buffer, squares: Buffer? = nil, square: Updated,
  momentum: Updated?, average: Updated?, _ c: RMSpropConstants, threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let q = squares?.slice(range.lowerBound, range.count)
    let v = square.slice(range)
    let m = momentum?.slice(range)
    let a = average?.slice(range)
    // SAFETY: all slices hold `range.count` elements; slots that are absent are null in both places.
    unsafe kt_rmsprop(
      p.old.floats, g.floats, q?.floats, v.old.floats, m?.old.floats, a?.old.floats, p.new.floats,
      v.new.floats, m?.new.floats, a?.new.floats, Int64(range.count), c.rate, c.rho, c.oneMinusRho,
      c.momentum, c.epsilon)
  }
}
