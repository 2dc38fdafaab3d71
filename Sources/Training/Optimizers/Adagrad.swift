/// Gradients divided by the root of the sum of all squares so far.
public import Engine
public import KerasCheckpoint

/// Adagrad. Slot: `accumulator`, which begins with `initialAccumulatorValue`.
///
///     a ← a + g²;  p ← p - rate · g / √(a + epsilon)
///
/// The legacy optimizer of tf_keras adds epsilon outside of the root, which moves an update by a
/// millionth at most.
///
/// Source: `keras/src/optimizers/adagrad.py` (Keras 3.15.1); Duchi, Hazan and Singer, JMLR 12 (2011).
public struct Adagrad: Optimizer {
  public static let className = "Adagrad"

  public var name = "adagrad"
  public var learningRate: Double
  public var initialAccumulatorValue: Double
  public var epsilon: Double
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.001, initialAccumulatorValue: Double = 0.1, epsilon: Double = 1e-7,
    clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.initialAccumulatorValue = initialAccumulatorValue
    self.epsilon = epsilon
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.001),
      initialAccumulatorValue: try options.number("initial_accumulator_value", default: 0.1),
      epsilon: try options.number("epsilon", default: 1e-7))
  }

  public var options: [String: JSON] {
    ["initial_accumulator_value": .number(initialAccumulatorValue), "epsilon": .number(epsilon)]
  }

  public var slotNames: [String] { rule.slotNames }

  public func initialValue(of slot: String) -> Float { Float(initialAccumulatorValue) }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: AdagradUpdate { AdagradUpdate(epsilon: epsilon) }
}

extension Optimizer where Self == Adagrad {
  /// Adagrad with Keras's defaults.
  public static var adagrad: Adagrad { Adagrad() }

  public static func adagrad(
    learningRate: Double = 0.001, initialAccumulatorValue: Double = 0.1, epsilon: Double = 1e-7,
    clipping: GradientClipping? = nil
  ) -> Adagrad {
    Adagrad(
      learningRate: learningRate, initialAccumulatorValue: initialAccumulatorValue,
      epsilon: epsilon, clipping: clipping)
  }
}
