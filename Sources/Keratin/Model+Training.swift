/// Training, evaluating, predicting.
import ModelGraph
public import Tensors
public import Training

extension Model {
  /// Trains the model on `x` and `y` for a number of epochs.
  ///
  ///     let history = try model.fit(
  ///       xTrain, yTrain, epochs: 20, validationData: (xTest, yTest),
  ///       callbacks: [EarlyStopping(monitor: "val_loss", patience: 3)])
  ///
  /// A model with several inputs or outputs takes lists of tensors, or tensors by the names of inputs and
  /// outputs.
  ///
  /// - Parameters:
  ///   - x: the samples along the first axis; tokens as int32, other inputs as float32.
  ///   - y: the labels, one row for each sample.
  ///   - sampleWeight: how much each sample counts in the loss.
  ///   - classWeight: how much the samples of a class count in the loss, by its number.
  ///   - stepsPerEpoch: the batches of an epoch; nil for all.
  ///   - validationSteps: the batches, from the first, of a validation; nil for all.
  ///   - validationFreq: every how many epochs there is a validation.
  ///   - seed: what dropout and the order of samples follow from; the model's where it is nil.
  ///   - callbacks: told in their order; see `Callback`.
  ///   - nonFiniteLoss: what happens when the loss becomes NaN or infinite.
  ///   - cancellation: stops training after the batch in which it is raised.
  /// - Returns: the loss and metrics of each epoch by Keras's names.
  /// - Throws: `TrainingError`, `ModelGraphError` or `EngineError` for data or a model that cannot be
  ///   trained; what a callback throws.
  @discardableResult
  public func fit<X: ModelData, Y: ModelData>(
    _ x: X, _ y: Y, batchSize: Int = 32, epochs: Int = 1, validationSplit: Double = 0,
    validationData: (X, Y)? = nil, validationSampleWeight: [Float]? = nil, shuffle: Bool = true,
    initialEpoch: Int = 0, callbacks: [any Callback] = [], verbose: Verbosity = .progress,
    sampleWeight: [Float]? = nil, classWeight: [Int: Float]? = nil, stepsPerEpoch: Int? = nil,
    validationSteps: Int? = nil, validationBatchSize: Int? = nil, validationFreq: Int = 1,
    seed: UInt64? = nil, nonFiniteLoss: FitOptions.NonFiniteLoss = .warn,
    cancellation: Cancellation? = nil, console: any Console = StandardConsole()
  ) throws -> History {
    let trainer = try prepare(for: x)
    if let compileProblem { throw compileProblem }
    var options = FitOptions(
      batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch, shuffle: shuffle,
      seed: seed ?? self.seed, validationSplit: validationSplit,
      validationData: validationData.map { ($0.0, $0.1) }, verbose: verbose,
      nonFiniteLoss: nonFiniteLoss, cancellation: cancellation)
    options.sampleWeight = sampleWeight
    options.classWeight = classWeight
    options.validationSampleWeight = validationSampleWeight
    options.stepsPerEpoch = stepsPerEpoch
    options.validationSteps = validationSteps
    options.validationBatchSize = validationBatchSize
    options.validationFreq = validationFreq
    return try trainer.fit(
      x: x, y: y, options, callbacks: callbacks, model: self, console: console)
  }

  /// The loss and the metrics on `x` and `y`, by name.
  ///
  ///     print(try model.evaluate(xTest, yTest)["acc"] ?? .nan)
  ///
  /// - Parameters:
  ///   - sampleWeight: how much each sample counts in the loss and in weighted metrics.
  ///   - steps: the batches, from the first; nil for all.
  public func evaluate(
    _ x: some ModelData, _ y: some ModelData, batchSize: Int = 32,
    verbose: Verbosity = .progress, sampleWeight: [Float]? = nil, steps: Int? = nil,
    callbacks: [any Callback] = [], cancellation: Cancellation? = nil,
    console: any Console = StandardConsole()
  ) throws -> Logs {
    let trainer = try prepare(for: x)
    // What the optimizer lacks does not matter to an evaluation.
    if configuration == nil, let compileProblem { throw compileProblem }
    return try trainer.evaluate(
      x: x, y: y, batchSize: batchSize, sampleWeight: sampleWeight, steps: steps,
      verbose: verbose, callbacks: callbacks, model: self, console: console,
      cancellation: cancellation)
  }

  /// The model's first output for `x`, a row for each sample.
  public func predict(
    _ x: Tensor, batchSize: Int = 32, verbose: Verbosity = .silent
  ) throws -> Tensor {
    try predict([x], batchSize: batchSize, verbose: verbose)[0]
  }

  /// The model's outputs in the order of `graph.outputNames`, a row of each for each sample.
  ///
  /// - Parameter x: one per input, in the model's order.
  public func predict(
    _ x: [Tensor], batchSize: Int = 32, verbose: Verbosity = .silent
  ) throws -> [Tensor] {
    try prepare(for: x).predict(x: x, batchSize: batchSize, verbose: verbose)
  }

  /// The same for inputs by their names.
  public func predict(
    _ x: [String: Tensor], batchSize: Int = 32, verbose: Verbosity = .silent
  ) throws -> [Tensor] {
    try prepare(for: x).predict(x: x, batchSize: batchSize, verbose: verbose)
  }
}

extension Model {
  /// Makes the states zero that stateful recurrent layers keep from batch to batch, as Keras's
  /// `reset_states()` does. Otherwise they are kept: within a call, and from one call to the next.
  public func resetStates() {
    guard let trainer else { return }
    trainer.graph.resetStates(trainer.variables)
  }
}

extension Model: TrainableModel {
  public func save(to path: String) throws { try save(path) }

  public func saveWeights(to path: String) throws { try saveWeights(path) }

  /// Every weight, in the order of Keras's `get_weights()`.
  public var weights: [Tensor] {
    get throws { try (trainer ?? build()).weights }
  }

  /// Replaces every weight, in the same order.
  public func setWeights(_ weights: [Tensor]) throws {
    try (trainer ?? build()).setWeights(weights)
  }

  /// The rate of the optimizer; 0 before the model is compiled.
  public var learningRate: Double {
    get {
      resumeOptimizer()
      return trainer?.learningRate ?? configuration?.optimizer.learningRate ?? 0
    }
    set {
      resumeOptimizer()
      configuration?.optimizer.learningRate = newValue
      trainer?.learningRate = newValue
    }
  }

  /// The updates that the optimizer has made.
  public var iterations: Int {
    resumeOptimizer()
    return trainer?.iterations ?? 0
  }
}
