/// Optimizer updates that divide by what gradients were so far. `squares` takes the place of g².
internal import CKernels

/// a += g²; p -= rate · g / √(a + epsilon)
package func updateByAdagrad(
  _ parameter: Updated, gradient: Buffer, squares: Buffer? = nil, accumulator: Updated,
  rate: Float, epsilon: Float, threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let q = squares?.slice(range.lowerBound, range.count)
    let a = accumulator.slice(range)
    // SAFETY: all slices hold `range.count` elements; absent squares are null.
    unsafe kt_adagrad(
      p.old.floats, g.floats, q?.floats, a.old.floats, p.new.floats, a.new.floats,
      Int64(range.count), rate, epsilon)
  }
}

/// a = ρ a + (1 - ρ) g²; c = g √(d + epsilon) / √(a + epsilon); d = ρ d + (1 - ρ) c²; p -= rate · c
package func updateByAdadelta(
  _ parameter: Updated, gradient: Buffer, squares: Buffer? = nil, gradients: Updated,
  changes: Updated, rate: Float, rho: Float, oneMinusRho: Float, epsilon: Float, threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let q = squares?.slice(range.lowerBound, range.count)
    let a = gradients.slice(range)
    let d = changes.slice(range)
    // SAFETY: all slices hold `range.count` elements; absent squares are null.
    unsafe kt_adadelta(
      p.old.floats, g.floats, q?.floats, a.old.floats, d.old.floats, p.new.floats, a.new.floats,
      d.new.floats, Int64(range.count), rate, rho, oneMinusRho, epsilon)
  }
}

/// m += (g - m)(1 - β₁); u = max(β₂ u, |g|); p -= rate · m / (correction · (u + epsilon)).
/// `sizes` takes the place of |g|.
package func updateByAdamax(
  _ parameter: Updated, gradient: Buffer, sizes: Buffer? = nil, mean: Updated, norm: Updated,
  rate: Float,
  oneMinusBeta1: Float, beta2: Float, correction: Float, epsilon: Float, threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let q = sizes?.slice(range.lowerBound, range.count)
    let m = mean.slice(range)
    let u = norm.slice(range)
    // SAFETY: all slices hold `range.count` elements; absent sizes are null.
    unsafe kt_adamax(
      p.old.floats, g.floats, q?.floats, m.old.floats, u.old.floats, p.new.floats, m.new.floats,
      u.new.floats, Int64(range.count), rate, oneMinusBeta1, beta2, correction, epsilon)
  }
}

/// c = m β₁ + g (1 - β₁); p -= rate · sign(c); m = m β₂ + g (1 - β₂)
package func updateByLion(
  _ parameter: Updated, gradient: Buffer, mean: Updated, rate: Float, beta1: Float, beta2: Float,
  threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let m = mean.slice(range)
    // SAFETY: all slices hold `range.count` elements.
    unsafe kt_lion(
      p.old.floats, g.floats, m.old.floats, p.new.floats, m.new.floats, Int64(range.count), rate,
      beta1, 1 - beta1, beta2, 1 - beta2)
  }
}

/// The constants of a Nadam update in float32.
package struct NadamConstants: Sendable {
  package var rate: Float
  package var oneMinusBeta1: Float
  package var oneMinusBeta2: Float
  package var epsilon: Float
  /// The factor of the mean, that of the next update, and what the mean is divided by.
  package var next: (factor: Float, divisor: Float)
  /// The factor of the gradient, and what it is divided by.
  package var now: (factor: Float, divisor: Float)
  /// What the mean of squares is divided by.
  package var correction: Float

  package init(
    rate: Float, oneMinusBeta1: Float, oneMinusBeta2: Float, epsilon: Float,
    next: (factor: Float, divisor: Float), now: (factor: Float, divisor: Float), correction: Float
  ) {
    self.rate = rate
    self.oneMinusBeta1 = oneMinusBeta1
    self.oneMinusBeta2 = oneMinusBeta2
    self.epsilon = epsilon
    self.next = next
    self.now = now
    self.correction = correction
  }
}

/// m += (g - m)(1 - β₁); v += (g² - v)(1 - β₂);
/// p -= (m · next + g · now) · rate / (√(v / correction) + epsilon)
package func updateByNadam(
  _ parameter: Updated, gradient: Buffer, squares: Buffer? = nil, mean: Updated, square: Updated,
  _ c: NadamConstants, threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let q = squares?.slice(range.lowerBound, range.count)
    let m = mean.slice(range)
    let v = square.slice(range)
    var constants = kt_nadam_constants(
      rate: c.rate, one_minus_beta1: c.oneMinusBeta1, one_minus_beta2: c.oneMinusBeta2,
      epsilon: c.epsilon, next: c.next.factor, below_next: c.next.divisor, now: c.now.factor,
      below_now: c.now.divisor, correction: c.correction)
    // SAFETY: all slices hold `range.count` elements; absent squares are null.
    unsafe kt_nadam(
      p.old.floats, g.floats, q?.floats, m.old.floats, v.old.floats, p.new.floats, m.new.floats,
      v.new.floats, Int64(range.count), &constants)
  }
}

/// The constants of an Ftrl update in float32.
package struct FtrlConstants: Sendable {
  package var rate: Float
  /// What sums of squares are raised to: ½, unless it is said.
  package var power: Float
  package var l1: Float
  package var l2: Float
  package var shrinkage: Float

  package init(rate: Float, power: Float, l1: Float, l2: Float, shrinkage: Float) {
    self.rate = rate
    self.power = power
    self.l1 = l1
    self.l2 = l2
    self.shrinkage = shrinkage
  }
}

/// a′ = a + g²; l += g + 2 shrinkage · p - (a′^power - a^power) / rate · p;
/// p = (clip(l, ±l1) - l) / (a′^power / rate + 2 l2)
package func updateByFtrl(
  _ parameter: Updated, gradient: Buffer, squares: Buffer? = nil, accumulator: Updated,
  linear: Updated, _ c: FtrlConstants, threads: Int
) {
  shared(parameter, gradient, threads: threads) { range, p, g in
    let q = squares?.slice(range.lowerBound, range.count)
    let a = accumulator.slice(range)
    let l = linear.slice(range)
    var constants = kt_ftrl_constants(
      rate: c.rate, power: c.power, l1: c.l1, twice_l2: 2 * c.l2,
      twice_shrinkage: 2 * c.shrinkage)
    // SAFETY: all slices hold `range.count` elements; absent squares are null.
    unsafe kt_ftrl(
      p.old.floats, g.floats, q?.floats, a.old.floats, l.old.floats, p.new.floats, a.new.floats,
      l.new.floats, Int64(range.count), &constants)
  }
}
