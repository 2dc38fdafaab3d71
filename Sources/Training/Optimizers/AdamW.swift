/// Adam with weight decay.
public import Engine
public import KerasCheckpoint

/// Adam, with or without AMSGrad, whose parameters decay before each update by `p · weightDecay · rate`.
/// Slots and rule are those of ``Adam``; the decay, ``SharedOptions/weightDecay``, is 0.004 unless it is
/// said.
///
/// Source: `keras/src/optimizers/adamw.py` (Keras 3.15.1); Loshchilov and Hutter, arXiv:1711.05101.
public struct AdamW: Optimizer {
  public static let className = "AdamW"

  public var name = "adamw"
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
    shared.weightDecay = 0.004
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

extension Optimizer where Self == AdamW {
  /// AdamW with Keras's defaults.
  public static var adamW: AdamW { AdamW() }

  public static func adamW(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, amsgrad: Bool = false, clipping: GradientClipping? = nil
  ) -> AdamW {
    AdamW(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad,
      clipping: clipping)
  }
}
