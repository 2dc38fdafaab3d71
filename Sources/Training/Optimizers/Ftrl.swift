/// Follow the regularized leader.
public import Engine
public import KerasCheckpoint

/// Ftrl. Slots: `accumulator`, which begins with `initialAccumulatorValue`, and `linear`.
///
///     a′ = a + g²;  q = -learningRatePower
///     l ← l + g + 2 l2Shrinkage · p - (a′^q - a^q) / rate · p
///     p ← (clip(l, ±l1) - l) / (a′^q / rate + 2 (l2 + beta / (2 rate)));  a ← a′
///
/// Source: `keras/src/optimizers/ftrl.py` (Keras 3.15.1); McMahan et al., KDD 2013.
public struct Ftrl: Optimizer {
  public static let className = "Ftrl"

  public var name = "ftrl"
  public var learningRate: Double
  public var learningRatePower: Double
  public var initialAccumulatorValue: Double
  public var l1: Double
  public var l2: Double
  public var l2Shrinkage: Double
  public var beta: Double
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.001, learningRatePower: Double = -0.5,
    initialAccumulatorValue: Double = 0.1, l1: Double = 0, l2: Double = 0, l2Shrinkage: Double = 0,
    beta: Double = 0, clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.learningRatePower = learningRatePower
    self.initialAccumulatorValue = initialAccumulatorValue
    self.l1 = l1
    self.l2 = l2
    self.l2Shrinkage = l2Shrinkage
    self.beta = beta
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.001),
      learningRatePower: try options.number("learning_rate_power", default: -0.5),
      initialAccumulatorValue: try options.number("initial_accumulator_value", default: 0.1),
      l1: try options.number("l1_regularization_strength", default: 0),
      l2: try options.number("l2_regularization_strength", default: 0),
      l2Shrinkage: try options.number("l2_shrinkage_regularization_strength", default: 0),
      beta: try options.number("beta", default: 0))
  }

  public var options: [String: JSON] {
    [
      "learning_rate_power": .number(learningRatePower),
      "initial_accumulator_value": .number(initialAccumulatorValue),
      "l1_regularization_strength": .number(l1), "l2_regularization_strength": .number(l2),
      "l2_shrinkage_regularization_strength": .number(l2Shrinkage), "beta": .number(beta),
    ]
  }

  public var slotNames: [String] { rule.slotNames }

  public func initialValue(of slot: String) -> Float {
    slot == "accumulator" ? Float(initialAccumulatorValue) : 0
  }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: FtrlUpdate {
    FtrlUpdate(
      learningRatePower: learningRatePower, l1: l1, l2: l2, shrinkage: l2Shrinkage, beta: beta)
  }
}

extension Optimizer where Self == Ftrl {
  /// Ftrl with Keras's defaults.
  public static var ftrl: Ftrl { Ftrl() }

  public static func ftrl(
    learningRate: Double = 0.001, learningRatePower: Double = -0.5,
    initialAccumulatorValue: Double = 0.1, l1: Double = 0, l2: Double = 0, l2Shrinkage: Double = 0,
    beta: Double = 0, clipping: GradientClipping? = nil
  ) -> Ftrl {
    Ftrl(
      learningRate: learningRate, learningRatePower: learningRatePower,
      initialAccumulatorValue: initialAccumulatorValue, l1: l1, l2: l2, l2Shrinkage: l2Shrinkage,
      beta: beta, clipping: clipping)
  }
}
