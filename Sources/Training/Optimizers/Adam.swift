/// Adaptive moment estimation.
public import Engine
public import KerasCheckpoint

/// Adam, with or without AMSGrad. Slots: `momentum`, `velocity`, and `velocity_hat` for AMSGrad.
///
///     m ← m + (g - m)(1 - β₁);  v ← v + (g² - v)(1 - β₂)
///     p ← p - m · rate · √(1 - β₂ᵗ) / (1 - β₁ᵗ) / (√v + epsilon)
///
/// where t counts updates from 1. Keras is followed against the paper: epsilon is added to the root
/// before its bias is corrected.
///
/// Source: `keras/src/optimizers/adam.py` (Keras 3.15.1); Kingma and Ba, arXiv:1412.6980.
public struct Adam: Optimizer {
  public static let className = "Adam"

  public var name = "adam"
  public var learningRate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var amsgrad: Bool
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, amsgrad: Bool = false, clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.001),
      beta1: try options.number("beta_1", default: 0.9),
      beta2: try options.number("beta_2", default: 0.999),
      epsilon: try options.number("epsilon", default: 1e-7),
      amsgrad: try options.flag("amsgrad"))
  }

  public var options: [String: JSON] {
    [
      "beta_1": .number(beta1), "beta_2": .number(beta2), "epsilon": .number(epsilon),
      "amsgrad": .bool(amsgrad),
    ]
  }

  public var slotNames: [String] { rule.slotNames }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: AdamUpdate {
    AdamUpdate(beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad)
  }
}

extension Optimizer where Self == Adam {
  /// Adam with Keras's defaults.
  public static var adam: Adam { Adam() }

  public static func adam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, amsgrad: Bool = false, clipping: GradientClipping? = nil
  ) -> Adam {
    Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      amsgrad: amsgrad, clipping: clipping)
  }
}
