/// Adam with Nesterov's momentum.
public import Engine
public import KerasCheckpoint

/// Nadam. Slots: `momentum` and `velocity`; the product of momenta that files hold follows from the
/// number of updates. The optimizer of tf_keras multiplies its product once for each weight, which is a
/// mistake there and not repeated.
///
/// In Keras 1 and 2, whose class takes `schedule_decay` and stores it as `decay`, that is how fast the
/// momentum rises, and the learning rate does not fall. The rule is that of ``NadamUpdate``.
///
/// Source: `keras/src/optimizers/nadam.py` (Keras 3.15.1); Dozat, ICLR workshop 2016.
public struct Nadam: Optimizer {
  public static let className = "Nadam"

  public var name = "nadam"
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
  public static var decaysRate: Bool { false }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule)
  }

  private var rule: NadamUpdate {
    NadamUpdate(
      beta1: beta1, beta2: beta2, epsilon: epsilon, scheduleDecay: decay == 0 ? 1 : decay)
  }
}

extension Optimizer where Self == Nadam {
  /// Nadam with Keras's defaults.
  public static var nadam: Nadam { Nadam() }

  public static func nadam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, clipping: GradientClipping? = nil
  ) -> Nadam {
    Nadam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, clipping: clipping)
  }
}
