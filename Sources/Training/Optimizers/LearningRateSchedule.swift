/// Learning rates that follow the number of updates.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// One of Keras's schedules, with its options; `step` counts updates from 0, and all is float32.
///
///     exponentialDecay     initial · rate^(step / steps)
///     inverseTimeDecay     initial / (1 + rate · step / steps)
///     polynomialDecay      (initial - end) · (1 - step / steps)^power + end
///     cosineDecay          initial · ((1 - alpha) · ½(1 + cos(π step / steps)) + alpha)
///     cosineDecayRestarts  the same, anew after steps, then after steps · tMul, …
///     piecewiseConstant    values[i] for boundaries[i - 1] < step ≤ boundaries[i]
///
/// Source: `keras/src/optimizers/schedules/learning_rate_schedule.py` (Keras 3.15.1).
public enum LearningRateSchedule: Sendable, Hashable {
  case exponentialDecay(initial: Double, steps: Double, rate: Double, staircase: Bool = false)
  case inverseTimeDecay(initial: Double, steps: Double, rate: Double, staircase: Bool = false)
  /// With `cycle` the steps are multiplied so often that they are not yet over.
  case polynomialDecay(
    initial: Double, steps: Double, end: Double = 0.0001, power: Double = 1, cycle: Bool = false)
  /// With `warmup` the rate first goes from the initial one to the target in a straight line.
  case cosineDecay(initial: Double, steps: Double, alpha: Double = 0, warmup: Warmup? = nil)
  case cosineDecayRestarts(
    initial: Double, steps: Double, tMul: Double = 2, mMul: Double = 1, alpha: Double = 0)
  /// - Precondition: there is one value more than there are boundaries.
  case piecewiseConstant(boundaries: [Double], values: [Double])

  /// How a rate rises before it falls.
  public struct Warmup: Sendable, Hashable {
    public var target: Double
    public var steps: Double

    public init(target: Double, steps: Double) {
      self.target = target
      self.steps = steps
    }
  }

  /// The rate of the update that follows `iterations` others.
  public func rate(after iterations: Int) -> Float {
    let step = Float(iterations)
    switch self {
    case .exponentialDecay(let initial, let steps, let rate, let staircase):
      return Float(initial) * powf(Float(rate), Self.share(step, steps, staircase))
    case .inverseTimeDecay(let initial, let steps, let rate, let staircase):
      return Float(initial) / (1 + Float(rate) * Self.share(step, steps, staircase))
    case .polynomialDecay(let initial, let steps, let end, let power, let cycle):
      var (step, length) = (step, Float(steps))
      if cycle {
        length *= step == 0 ? 1 : (step / length).rounded(.up)
      } else {
        step = min(step, length)
      }
      return (Float(initial) - Float(end)) * powf(1 - step / length, Float(power)) + Float(end)
    case .cosineDecay(let initial, let steps, let alpha, nil):
      return Float(initial) * Self.cosine(min(step, Float(steps)) / Float(steps), alpha)
    case .cosineDecay(let initial, let steps, let alpha, let warmup?):
      let (target, rise) = (Float(warmup.target), Float(warmup.steps))
      let step = min(step, Float(steps) + rise)
      return step < rise
        ? (target - Float(initial)) * (step / rise) + Float(initial)
        : target * Self.cosine((step - rise) / Float(steps), alpha)
    case .cosineDecayRestarts(let initial, let steps, let tMul, let mMul, let alpha):
      let (share, restarts) = Self.restarted(step / Float(steps), Float(tMul))
      let wave = 0.5 * powf(Float(mMul), restarts) * (1 + cosf(Float.pi * share))
      return Float(initial) * ((1 - Float(alpha)) * wave + Float(alpha))
    case .piecewiseConstant(let boundaries, let values):
      let place = boundaries.firstIndex { Double(iterations) <= $0.rounded(.towardZero) }
      return Float(values[place ?? values.count - 1])
    }
  }

  private static func share(_ step: Float, _ steps: Double, _ staircase: Bool) -> Float {
    let share = step / Float(steps)
    return staircase ? share.rounded(.down) : share
  }

  private static func cosine(_ share: Float, _ alpha: Double) -> Float {
    Float(1 - alpha) * (0.5 * (1 + cosf(Float.pi * share))) + Float(alpha)
  }

  /// How far a period has come, each `factor` times as long as the last, and how many were before.
  private static func restarted(_ share: Float, _ factor: Float) -> (Float, Float) {
    guard factor != 1 else { return (share - share.rounded(.down), share.rounded(.down)) }
    let restarts = (logf(1 - share * (1 - factor)) / logf(factor)).rounded(.down)
    let before = (1 - powf(factor, restarts)) / (1 - factor)
    return ((share - before) / powf(factor, restarts), restarts)
  }
}
