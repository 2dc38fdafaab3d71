/// Squares of gradients by row and by column.
public import Engine
public import KerasCheckpoint
public import Tensors

/// Adafactor. Slots: `row`, `column` and `velocity`; those of rows and columns are smaller than the
/// parameter. The rule is that of ``AdafactorUpdate``. Keras takes the smaller of the rate and the
/// inverse root of the number of the update twice, of which `relativeStep` turns off the first time
/// alone, so it changes nothing.
///
/// Source: `keras/src/optimizers/adafactor.py` (Keras 3.15.1); Shazeer and Stern, arXiv:1804.04235.
public struct Adafactor: Optimizer {
  public static let className = "Adafactor"

  public var name = "adafactor"
  public var learningRate: Double
  public var beta2Decay: Double
  public var epsilon1: Double
  public var epsilon2: Double
  public var clipThreshold: Double
  public var relativeStep: Bool
  public var shared: SharedOptions

  public init(
    learningRate: Double = 0.001, beta2Decay: Double = -0.8, epsilon1: Double = 1e-30,
    epsilon2: Double = 1e-3, clipThreshold: Double = 1, relativeStep: Bool = true,
    clipping: GradientClipping? = nil
  ) {
    self.learningRate = learningRate
    self.beta2Decay = beta2Decay
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.clipThreshold = clipThreshold
    self.relativeStep = relativeStep
    shared = SharedOptions(clipping: clipping)
  }

  public init(options: inout OptimizerOptions) throws(TrainingError) {
    self.init(
      learningRate: try options.learningRate(default: 0.001),
      beta2Decay: try options.number("beta_2_decay", default: -0.8),
      epsilon1: try options.number("epsilon_1", default: 1e-30),
      epsilon2: try options.number("epsilon_2", default: 1e-3),
      clipThreshold: try options.number("clip_threshold", default: 1),
      relativeStep: try options.flag("relative_step", default: true))
  }

  public var options: [String: JSON] {
    [
      "beta_2_decay": .number(beta2Decay), "epsilon_1": .number(epsilon1),
      "epsilon_2": .number(epsilon2), "clip_threshold": .number(clipThreshold),
      "relative_step": .bool(relativeStep),
    ]
  }

  public var slotNames: [String] { ["row", "column", "velocity"] }
  public func slotShape(_ slot: String, of parameter: Shape) -> Shape {
    AdafactorUpdate.slotShape(slotNames.firstIndex(of: slot) ?? 2, of: parameter)
  }

  public func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result {
    try update.applying(rule(update.parameter.shape))
  }

  private func rule(_ shape: Shape) -> AdafactorUpdate {
    AdafactorUpdate(
      beta2Decay: beta2Decay, epsilon1: epsilon1, epsilon2: epsilon2,
      clipThreshold: clipThreshold, shape: shape)
  }
}

extension Optimizer where Self == Adafactor {
  /// Adafactor with Keras's defaults.
  public static var adafactor: Adafactor { Adafactor() }

  public static func adafactor(
    learningRate: Double = 0.001, beta2Decay: Double = -0.8, epsilon1: Double = 1e-30,
    epsilon2: Double = 1e-3, clipThreshold: Double = 1, relativeStep: Bool = true,
    clipping: GradientClipping? = nil
  ) -> Adafactor {
    Adafactor(
      learningRate: learningRate, beta2Decay: beta2Decay, epsilon1: epsilon1, epsilon2: epsilon2,
      clipThreshold: clipThreshold, relativeStep: relativeStep, clipping: clipping)
  }
}
