/// Adam's steps, as long as the parameter is.
public import Engine
public import KerasCheckpoint

/// Lamb. Slots: `momentum` and `velocity`.
///
///     m ← m + (g - m)(1 - β₁);  v ← v + (g² - v)(1 - β₂)
///     s = m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + epsilon);  p ← p - ‖p‖ / ‖s‖ · rate · s
///
/// Source: `keras/src/optimizers/lamb.py` (Keras 3.15.1); You et al., arXiv:1904.00962.
public struct Lamb: Optimizer {
  public static let className = "Lamb"

  public var name = "lamb"
  public var learningRate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.001),
      beta1: try options.number("beta_1", default: 0.9),
      beta2: try options.number("beta_2", default: 0.999),
      epsilon: try options.number("epsilon", default: 1e-7))
  }

  public var options: [String: JSON] {
    ["beta_1": .number(beta1), "beta_2": .number(beta2), "epsilon": .number(epsilon)]
  }

  public var slotNames: [String] { rule.slotNames }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: LambUpdate {
    LambUpdate(beta1: beta1, beta2: beta2, epsilon: epsilon)
  }
}

extension Optimizer where Self == Lamb {
  /// Lamb with Keras's defaults.
  public static var lamb: Lamb { Lamb() }

  public static func lamb(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, clipping: GradientClipping? = nil
  ) -> Lamb {
    Lamb(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, clipping: clipping)
  }
}
