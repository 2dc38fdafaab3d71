/// Training, epoch by epoch.
import Dispatch
import Tensors

extension Trainer {
  /// Trains on `x` and `y`.
  ///
  /// Callbacks are called in their order, then the history, then the progress line. The loss and
  /// metrics of an epoch are means over its batches as they were trained on, dropout and all.
  ///
  /// - Parameters:
  ///   - x: the inputs, the samples along the first axis.
  ///   - y: the labels, output by output.
  ///   - model: what callbacks save, and whose weights they get; nil where none of them saves.
  /// - Throws: `TrainingError` for data or settings that do not fit; what a callback throws; and
  ///   `ModelGraphError` or `EngineError` for a model that cannot be trained.
  @discardableResult
  public func fit(
    x: any ModelData, y: any ModelData, _ options: FitOptions = FitOptions(),
    callbacks: [any Callback] = [], model: (any TrainableModel)? = nil,
    console: any Console = StandardConsole()
  ) throws -> History {
    let judgement = try judgement(to: "be trained")
    try options.check()
    let (training, validation) = try samples(x, y, options, judgement)
    let history = callbacks.lazy.compactMap { $0 as? History }.first ?? History()
    let defaults: [any Callback] =
      (callbacks.contains { $0 is History } ? [] : [history])
      + (options.verbose == .silent ? [] : [ProgressLogger(options.verbose)])
    let context = TrainingContext(
      model: model ?? UnsavedModel(self), epochs: options.epochs,
      initialEpoch: options.initialEpoch,
      steps: options.stepsPerEpoch ?? training.batchCount(options.batchSize),
      metrics: judgement.metrics.map(\.metric), console: console, clock: secondsNow)
    var run = FitRun(
      trainer: self, judgement: judgement, training: training, validation: validation,
      options: options, callbacks: callbacks + defaults, context: context, history: history)
    do {
      try run.run()
    } catch {
      // What is printed of the error begins on a line of its own.
      if !console.isAtLineStart { console.write("\n") }
      throw error
    }
    return history
  }

  /// The samples to train on, and those to validate on.
  private func samples(
    _ x: any ModelData, _ y: any ModelData, _ options: FitOptions, _ judgement: Judgement
  ) throws -> (training: Samples, validation: Samples?) {
    var all = try Samples(graph, inputs: x, labels: y, judgement)
    if let sampleWeight = options.sampleWeight { all = try all.weighted(sampleWeight) }
    var (training, validation): (Samples, Samples?) = (all, nil)
    if let data = options.validationData {
      var samples = try Samples(graph, inputs: data.x, labels: data.y, judgement)
      if let weights = options.validationSampleWeight { samples = try samples.weighted(weights) }
      validation = samples
    } else if options.validationSplit > 0 {
      let bound = Int((Double(all.count) * (1 - options.validationSplit)).rounded(.down))
      guard bound > 0, bound < all.count else {
        throw TrainingError(
          .data(
            name: "x",
            expected: "of enough rows for a validation split of \(options.validationSplit)",
            found: "of \(all.count)"))
      }
      (training, validation) = (all.rows(0..<bound), all.rows(bound..<all.count))
    }
    // Weights by class are for training alone.
    guard let classWeight = options.classWeight else { return (training, validation) }
    return (try training.weighted(byClass: classWeight), validation)
  }
}

/// Seconds of a clock that only goes forward.
func secondsNow() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

extension FitOptions {
  fileprivate func check() throws(TrainingError) {
    func require(_ name: String, _ holds: Bool, _ expected: String, _ found: Any)
      throws(TrainingError)
    {
      guard holds else {
        throw TrainingError(.data(name: name, expected: expected, found: "\(found)"))
      }
    }
    try require("batchSize", batchSize > 0, "1 or more", batchSize)
    try require("epochs", epochs >= 0, "0 or more", epochs)
    try require("initialEpoch", initialEpoch >= 0, "0 or more", initialEpoch)
    try require(
      "validationSplit", validationSplit >= 0 && validationSplit < 1, "at least 0 and below 1",
      validationSplit)
    try require("stepsPerEpoch", stepsPerEpoch ?? 1 > 0, "1 or more", stepsPerEpoch ?? 0)
    try require("validationSteps", validationSteps ?? 1 > 0, "1 or more", validationSteps ?? 0)
    try require(
      "validationBatchSize", validationBatchSize ?? 1 > 0, "1 or more", validationBatchSize ?? 0)
    try require("validationFreq", validationFreq > 0, "1 or more", validationFreq)
    try require(
      "classWeight", classWeight == nil || sampleWeight == nil, "given without sampleWeight",
      "given with it")
  }
}

/// Stands for a model that was not given: its weights are the trainer's, and it cannot be saved.
final class UnsavedModel: TrainableModel {
  private let trainer: Trainer

  init(_ trainer: Trainer) { self.trainer = trainer }

  func save(to path: String) throws { throw TrainingError(.nothingToSave) }
  func saveWeights(to path: String) throws { throw TrainingError(.nothingToSave) }
  func restore(from path: String) throws { throw TrainingError(.nothingToSave) }
  var weights: [Tensor] { get throws { try trainer.weights } }
  func setWeights(_ weights: [Tensor]) throws { try trainer.setWeights(weights) }
  var learningRate: Double {
    get { trainer.learningRate }
    set { trainer.learningRate = newValue }
  }
}
