/// What every optimizer does besides its own rule.

/// The settings that all of Keras's optimizers have.
///
/// Source: `keras/src/optimizers/base_optimizer.py` (Keras 3.15.1).
public struct SharedOptions: Sendable, Hashable {
  /// What bounds the gradients before they are used.
  public var clipping: GradientClipping?

  /// How the learning rate falls in Keras 1 and 2: update t, from 0, uses
  /// `learningRate / (1 + decay · t)`. Keras 3 has no such option.
  public var decay = 0.0

  /// What the learning rate follows in place of a number.
  public var schedule: LearningRateSchedule?

  /// How each parameter falls before an update: by `p · weightDecay · learningRate`.
  public var weightDecay: Double?

  /// A running mean of each parameter, `use_ema`.
  public var average: WeightAverage?

  /// The batches whose gradients are added up for one update; their mean is used.
  public var gradientAccumulationSteps: Int?

  /// What Keras 3 multiplies the loss by before it takes gradients, and divides these by again. It keeps small
  /// gradients of narrower types from vanishing; in float32, which all is computed in here, it changes
  /// nothing, so it is only kept.
  public var lossScaleFactor: Double?

  public init(clipping: GradientClipping? = nil) { self.clipping = clipping }
}

/// A running mean of the weights, which takes their place when training ends.
public struct WeightAverage: Sendable, Hashable {
  public var momentum: Double
  /// After how many updates the weights are set to their means; nil for at the end alone.
  public var overwriteFrequency: Int?

  public init(momentum: Double = 0.99, overwriteFrequency: Int? = nil) {
    self.momentum = momentum
    self.overwriteFrequency = overwriteFrequency
  }
}

extension Optimizer {
  public var clipping: GradientClipping? {
    get { shared.clipping }
    set { shared.clipping = newValue }
  }

  public var decay: Double {
    get { shared.decay }
    set { shared.decay = newValue }
  }

  /// The optimizer with other shared settings.
  ///
  ///     Adam().with { $0.schedule = .cosineDecay(initial: 0.01, steps: 1000) }
  public func with(_ change: (inout SharedOptions) -> Void) -> Self {
    var optimizer = self
    change(&optimizer.shared)
    return optimizer
  }
}
