/// What a callback sees of the training that it takes part in.
public import Tensors

/// A model as far as callbacks deal with one.
public protocol TrainableModel: AnyObject {
  /// Writes the whole model, with its compile settings and the optimizer's state.
  func save(to path: String) throws

  /// Writes the weights alone.
  func saveWeights(to path: String) throws

  /// Takes weights and the optimizer's state from a file that ``save(to:)`` wrote.
  func restore(from path: String) throws

  /// Every weight, in the model's order.
  var weights: [Tensor] { get throws }

  /// Replaces every weight.
  func setWeights(_ weights: [Tensor]) throws

  /// The rate of the optimizer, for the updates to come.
  var learningRate: Double { get set }
}

/// One call of `fit`, `evaluate` or `predict`, as its callbacks see it.
public final class TrainingContext {
  /// The epoch at which training ends, and the number of batches in one.
  public let epochs: Int
  public let steps: Int

  /// The epoch at which training begins; a callback may set it in `onTrainBegin`.
  public var initialEpoch: Int

  /// Whether training was cut short from outside, in the middle of an epoch.
  public package(set) var wasInterrupted = false

  /// Whether training stops after this batch or, in `onEpochEnd`, after this epoch.
  public var stopTraining = false

  /// The console that messages and progress go to.
  public let console: any Console

  /// What reads the time, in seconds from any fixed point.
  package let clock: () -> Double

  /// The metrics that are reported, for the sense of "better".
  package let metrics: [Metric]

  /// The model in training.
  public let model: any TrainableModel

  /// What callbacks add to the logs of the epoch that ends, for those that come after them.
  package private(set) var addedLogs = Logs()

  /// Adds a number to the logs of the epoch that ends.
  public func addLog(_ name: String, _ value: Double) { addedLogs.values[name] = value }

  /// Begins an epoch, of which nothing is known yet.
  package func resetLogs() { addedLogs = Logs() }

  /// Whether a loss that is no number was told of.
  package var hasWarnedOfLoss = false

  package init(
    model: any TrainableModel, epochs: Int, initialEpoch: Int = 0, steps: Int, metrics: [Metric],
    console: any Console, clock: @escaping () -> Double
  ) {
    self.model = model
    self.epochs = epochs
    self.initialEpoch = initialEpoch
    self.steps = steps
    self.metrics = metrics
    self.console = console
    self.clock = clock
  }
}
