/// Adam by the largest gradient.
public import Engine
public import KerasCheckpoint

/// Adamax. Slots: `momentum` and `norm`.
///
///     m ← m + (g - m)(1 - β₁);  u ← max(β₂ u, |g|)
///     p ← p - rate · m / ((1 - β₁ᵗ)(u + epsilon))
///
/// Source: `keras/src/optimizers/adamax.py` (Keras 3.15.1); Kingma and Ba, arXiv:1412.6980.
public struct Adamax: Optimizer {
  public static let className = "Adamax"

  public var name = "adamax"
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
  public var measure: UnaryFunction? { .abs }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: AdamaxUpdate {
    AdamaxUpdate(beta1: beta1, beta2: beta2, epsilon: epsilon)
  }
}

extension Optimizer where Self == Adamax {
  /// Adamax with Keras's defaults.
  public static var adamax: Adamax { Adamax() }

  public static func adamax(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, clipping: GradientClipping? = nil
  ) -> Adamax {
    Adamax(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, clipping: clipping)
  }
}
