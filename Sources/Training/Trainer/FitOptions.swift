/// The settings of one call of `fit`, with Keras's names and defaults.
public struct FitOptions {
  /// Samples per update. The last batch of an epoch has what is left.
  public var batchSize = 32

  /// The epoch at which training ends, counted from the beginning of all training.
  public var epochs = 1

  /// The epoch from which training goes on.
  public var initialEpoch = 0

  /// Whether each epoch takes the samples in an order of its own.
  public var shuffle = true

  /// What shuffling and dropout follow from; drawn where it is nil. The same seed gives the same bits
  /// again, for the same number of threads.
  public var seed: UInt64?

  /// The share of the samples, at their end, that is kept for validation.
  public var validationSplit = 0.0

  /// The data for validation; it goes before `validationSplit`.
  public var validationData: (x: any ModelData, y: any ModelData)?

  /// How much each sample of `validationData` counts.
  public var validationSampleWeight: [Float]?

  /// The batches of an epoch; nil for all. The next epoch then goes on in the data where the last one
  /// stopped.
  public var stepsPerEpoch: Int?

  /// The batches, from the first, of a validation; nil for all.
  public var validationSteps: Int?

  /// Samples per batch of a validation; nil for as many as in training.
  public var validationBatchSize: Int?

  /// Every how many epochs there is a validation.
  public var validationFreq = 1

  /// How much each sample counts in the loss and in weighted metrics, in the order of the samples.
  public var sampleWeight: [Float]?

  /// How much the samples of a class count, by its number; 1 for a class that is not there. Not together
  /// with `sampleWeight`.
  public var classWeight: [Int: Float]?

  public var verbose = Verbosity.progress

  /// What happens when the loss becomes NaN or infinite.
  public var nonFiniteLoss = NonFiniteLoss.warn

  /// Stops training from outside.
  public var cancellation: Cancellation?

  /// What `fit` does about a loss that is NaN or infinite.
  public enum NonFiniteLoss: Sendable {
    /// Says so once and goes on, as Keras goes on.
    case warn
    /// Throws `TrainingError` of kind `nonFiniteLoss`.
    case fail
  }

  public init(
    batchSize: Int = 32, epochs: Int = 1, initialEpoch: Int = 0, shuffle: Bool = true,
    seed: UInt64? = nil, validationSplit: Double = 0,
    validationData: (x: any ModelData, y: any ModelData)? = nil, verbose: Verbosity = .progress,
    nonFiniteLoss: NonFiniteLoss = .warn, cancellation: Cancellation? = nil
  ) {
    self.batchSize = batchSize
    self.epochs = epochs
    self.initialEpoch = initialEpoch
    self.shuffle = shuffle
    self.seed = seed
    self.validationSplit = validationSplit
    self.validationData = validationData
    self.verbose = verbose
    self.nonFiniteLoss = nonFiniteLoss
    self.cancellation = cancellation
  }
}
