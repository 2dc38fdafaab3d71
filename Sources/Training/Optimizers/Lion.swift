/// Steps of one size, along signs.
public import Engine
public import KerasCheckpoint

/// Lion. Slot: `momentum`.
///
///     c = β₁ m + (1 - β₁) g;  p ← p - rate · sign(c);  m ← β₂ m + (1 - β₂) g
///
/// Source: `keras/src/optimizers/lion.py` (Keras 3.15.1); Chen et al., arXiv:2302.06675.
public struct Lion: Optimizer {
  public static let className = "Lion"

  public var name = "lion"
  public var learningRate: Double
  public var beta1: Double
  public var beta2: Double
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.99,
    clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.001),
      beta1: try options.number("beta_1", default: 0.9),
      beta2: try options.number("beta_2", default: 0.99))
  }

  public var options: [String: JSON] {
    ["beta_1": .number(beta1), "beta_2": .number(beta2)]
  }

  public var slotNames: [String] { rule.slotNames }
  public var measure: UnaryFunction? { nil }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: LionUpdate { LionUpdate(beta1: beta1, beta2: beta2) }
}

extension Optimizer where Self == Lion {
  /// Lion with Keras's defaults.
  public static var lion: Lion { Lion() }

  public static func lion(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.99,
    clipping: GradientClipping? = nil
  ) -> Lion {
    Lion(learningRate: learningRate, beta1: beta1, beta2: beta2, clipping: clipping)
  }
}
