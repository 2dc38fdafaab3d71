/// Gradients divided by a running root mean square of themselves.
public import Engine
public import KerasCheckpoint

/// RMSprop, with or without momentum, centered or not. Slots: `velocity`, then `momentum` where there
/// is momentum, then `average_gradient` where it is centered.
///
///     v ← ρ v + (1 - ρ) g²;  a ← ρ a + (1 - ρ) g  (0 unless centered)
///     s = rate · g / √(v - a² + epsilon)
///     m ← momentum · m + s;  p ← p - m            (p ← p - s without momentum)
///
/// Keras is followed against other frameworks: epsilon stands under the root.
///
/// Source: `keras/src/optimizers/rmsprop.py` (Keras 3.15.1).
public struct RMSprop: Optimizer {
  public static let className = "RMSprop"

  public var name = "rmsprop"
  public var learningRate: Double
  public var rho: Double
  public var momentum: Double
  public var epsilon: Double
  public var centered: Bool
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.001, rho: Double = 0.9, momentum: Double = 0,
    epsilon: Double = 1e-7, centered: Bool = false, clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.centered = centered
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.001),
      rho: try options.number("rho", default: 0.9),
      momentum: try options.number("momentum", default: 0),
      epsilon: try options.number("epsilon", default: 1e-7),
      centered: try options.flag("centered"))
  }

  public var options: [String: JSON] {
    [
      "rho": .number(rho), "momentum": .number(momentum), "epsilon": .number(epsilon),
      "centered": .bool(centered),
    ]
  }

  public var slotNames: [String] { rule.slotNames }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    // Of an embedding Keras takes squares of which a² can be the larger, and fails on the root.
    try update.applying(rule, ownSquares: centered)
  }

  private var rule: RMSpropUpdate {
    RMSpropUpdate(rho: rho, momentum: momentum, epsilon: epsilon, centered: centered)
  }
}

extension Optimizer where Self == RMSprop {
  /// RMSprop with Keras's defaults.
  public static var rmsprop: RMSprop { RMSprop() }

  public static func rmsprop(
    learningRate: Double = 0.001, rho: Double = 0.9, momentum: Double = 0,
    epsilon: Double = 1e-7, centered: Bool = false, clipping: GradientClipping? = nil
  ) -> RMSprop {
    RMSprop(
      learningRate: learningRate, rho: rho, momentum: momentum, epsilon: epsilon,
      centered: centered, clipping: clipping)
  }
}
