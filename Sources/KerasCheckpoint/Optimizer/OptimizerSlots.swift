public import Tensors

/// What an optimizer keeps for each variable it trains, by Keras 3's names.
public enum OptimizerSlot: String, Sendable, Hashable, CaseIterable {
  /// SGD's velocity of descent, Adam's mean of gradients `m`, RMSprop's momentum.
  case momentum
  /// Adam's mean of squared gradients `v`, RMSprop's too.
  case velocity
  /// The largest `v` so far, with `amsgrad`.
  case velocityHat = "velocity_hat"
  /// RMSprop's mean of gradients, with `centered`.
  case averageGradient = "average_gradient"
}

/// The state of an optimizer, whatever generation of Keras stored it.
public struct OptimizerSlots: Sendable, Equatable {
  /// How many updates were applied.
  public var iterations: Int

  /// The learning rate, which Keras 3 alone stores here; else it stands in `optimizer_config`.
  public var learningRate: Double?

  /// For each trained variable, in the model's order. Empty where nothing was trained yet and the
  /// generation stores no zeros then.
  public var slots: [[OptimizerSlot: Tensor]]

  public init(iterations: Int, learningRate: Double? = nil, slots: [[OptimizerSlot: Tensor]]) {
    self.iterations = iterations
    self.learningRate = learningRate
    self.slots = slots
  }
}

/// A variable that an optimizer trains.
public struct TrainedVariable: Sendable, Hashable {
  /// The name of its weight in the checkpoint.
  public var name: String
  public var shape: Shape

  public init(name: String, shape: Shape) {
    self.name = name
    self.shape = shape
  }
}
