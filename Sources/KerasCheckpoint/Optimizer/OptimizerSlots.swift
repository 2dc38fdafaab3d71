public import Tensors

/// What an optimizer keeps for each variable it trains, by Keras 3's names.
public enum OptimizerSlot: String, Sendable, Hashable, CaseIterable {
  /// SGD's velocity of descent, the mean of gradients `m` of Adam and its kin, RMSprop's momentum.
  case momentum
  /// Adam's mean of squared gradients `v`, RMSprop's too.
  case velocity
  /// The largest `v` so far, with `amsgrad`.
  case velocityHat = "velocity_hat"
  /// RMSprop's mean of gradients, with `centered`.
  case averageGradient = "average_gradient"
  /// Adamax's largest gradient, fading.
  case norm
  /// The sum of squared gradients of Adagrad and Ftrl.
  case accumulator
  /// Ftrl's linear term.
  case linear
  /// Adadelta's mean of squared gradients.
  case accumulatedGrad = "accumulated_grad"
  /// Adadelta's mean of squared changes.
  case accumulatedDeltaVar = "accumulated_delta_var"
  /// Adafactor's mean of squared gradients by row; a matrix's alone.
  case row
  /// Adafactor's mean of squared gradients by column; a matrix's alone.
  case column
  /// The running mean of the weight itself, with `use_ema`.
  case average
  /// The gradients since the last update, with `gradient_accumulation_steps`.
  case gradientAccumulator = "gradient_accumulator"

  /// Its shape for a variable; nil where there is none.
  func shape(of variable: Shape) -> Shape? {
    guard self == .row || self == .column else { return variable }
    guard variable.rank > 1 else { return nil }
    var extents = variable.dimensions
    extents.remove(at: extents.count - (self == .row ? 1 : 2))
    return Shape(extents)
  }
}

/// The state of an optimizer, whatever generation of Keras stored it.
public struct OptimizerSlots: Sendable, Equatable {
  /// How many batches were trained on: as many as updates, unless gradients are accumulated.
  public var iterations: Int

  /// The learning rate, which Keras 3 alone stores here; else it stands in `optimizer_config`.
  public var learningRate: Double?

  /// Nadam's product of momenta, where the generation stores it.
  public var momentumProduct: Double?

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
