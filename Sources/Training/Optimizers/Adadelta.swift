/// Steps as long as earlier steps were.
public import Engine
public import KerasCheckpoint

/// Adadelta. Slots: `accumulated_grad` and `accumulated_delta_var`.
///
///     a ← ρ a + (1 - ρ) g²;  c = g · √(d + epsilon) / √(a + epsilon)
///     d ← ρ d + (1 - ρ) c²;  p ← p - rate · c
///
/// Source: `keras/src/optimizers/adadelta.py` (Keras 3.15.1); Zeiler, arXiv:1212.5701.
public struct Adadelta: Optimizer {
  public static let className = "Adadelta"

  public var name = "adadelta"
  public var learningRate: Double
  public var rho: Double
  public var epsilon: Double
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7,
    clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.epsilon = epsilon
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.001),
      rho: try options.number("rho", default: 0.95),
      epsilon: try options.number("epsilon", default: 1e-7))
  }

  public var options: [String: JSON] {
    ["rho": .number(rho), "epsilon": .number(epsilon)]
  }

  public var slotNames: [String] { rule.slotNames }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: AdadeltaUpdate { AdadeltaUpdate(rho: rho, epsilon: epsilon) }
}

extension Optimizer where Self == Adadelta {
  /// Adadelta with Keras's defaults.
  public static var adadelta: Adadelta { Adadelta() }

  public static func adadelta(
    learningRate: Double = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7,
    clipping: GradientClipping? = nil
  ) -> Adadelta {
    Adadelta(learningRate: learningRate, rho: rho, epsilon: epsilon, clipping: clipping)
  }
}
