/// Stochastic gradient descent.
public import Engine
public import KerasCheckpoint

/// Gradient descent, with or without momentum. Slot: `momentum`, where there is momentum.
///
///     plain:     p ← p - rate · g
///     momentum:  m ← momentum · m - rate · g;  p ← p + m
///     nesterov:  m ← momentum · m - rate · g;  p ← p + momentum · m - rate · g
///
/// Source: `keras/src/optimizers/sgd.py` (Keras 3.15.1).
public struct SGD: Optimizer {
  public static let className = "SGD"

  public var name = "SGD"
  public var learningRate: Double
  public var momentum: Double
  public var nesterov: Bool
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false,
    clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.01),
      momentum: try options.number("momentum", default: 0),
      nesterov: try options.flag("nesterov"))
  }

  public var options: [String: JSON] {
    ["momentum": .number(momentum), "nesterov": .bool(nesterov)]
  }

  public var slotNames: [String] { rule.slotNames }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: SGDUpdate { SGDUpdate(momentum: momentum, nesterov: nesterov) }
}

extension Optimizer where Self == SGD {
  /// Gradient descent with Keras's defaults.
  public static var sgd: SGD { SGD() }

  public static func sgd(
    learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false,
    clipping: GradientClipping? = nil
  ) -> SGD {
    SGD(
      learningRate: learningRate, momentum: momentum, nesterov: nesterov, clipping: clipping)
  }
}
