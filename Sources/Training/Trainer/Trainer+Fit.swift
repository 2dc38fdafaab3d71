/// Training, epoch by epoch.
import Dispatch
public import Tensors

extension Trainer {
  /// Trains on `x` and `y`.
  ///
  /// Callbacks are called in their order, then the history, then the progress line. The loss and
  /// metrics of an epoch are means over its batches as they were trained on, dropout and all.
  ///
  /// - Parameters:
  ///   - x: one tensor per input, the samples along the first axis.
  ///   - y: the labels.
  ///   - model: what callbacks save, and whose weights they get; nil where none of them saves.
  /// - Throws: `TrainingError` for data or settings that do not fit; what a callback throws; and
  ///   `ModelGraphError` or `EngineError` for a model that cannot be trained.
  @discardableResult
  public func fit(
    x: [Tensor], y: Tensor, _ options: FitOptions = FitOptions(),
    callbacks: [any Callback] = [], model: (any TrainableModel)? = nil,
    console: any Console = StandardConsole()
  ) throws -> History {
    let configuration = try compiled(to: "be trained")
    let (training, validation) = try split(x: x, y: y, options, configuration.loss)
    let history = callbacks.lazy.compactMap { $0 as? History }.first ?? History()
    let defaults: [any Callback] =
      (callbacks.contains { $0 is History } ? [] : [history])
      + (options.verbose == .silent ? [] : [ProgressLogger(options.verbose)])
    let context = TrainingContext(
      model: model ?? UnsavedModel(self), epochs: options.epochs,
      steps: batchCount(training, options), metrics: configuration.namedMetrics,
      console: console, clock: secondsNow)
    let run = FitRun(
      trainer: self, training: training, validation: validation, options: options,
      callbacks: callbacks + defaults, context: context, history: history)
    do {
      try run.run()
    } catch {
      // What is printed of the error begins on a line of its own.
      if !console.isAtLineStart { console.write("\n") }
      throw error
    }
    return history
  }

  private func split(
    x: [Tensor], y: Tensor, _ options: FitOptions, _ loss: Loss
  ) throws -> (training: Samples, validation: Samples?) {
    try options.check()
    let weights = try options.weights(of: y)
    func weighted(_ samples: Samples, _ rows: Range<Int>) throws(TrainingError) -> Samples {
      guard let weights else { return samples }
      return try samples.weighted(Array(weights[rows]))
    }
    if let data = options.validationData {
      return (
        try weighted(Samples(graph, inputs: x, labels: y, loss: loss), 0..<y.rowCount),
        try Samples(graph, inputs: data.x, labels: data.y, loss: loss)
      )
    }
    let all = try Samples(graph, inputs: x, labels: y, loss: loss)
    guard options.validationSplit > 0 else { return (try weighted(all, 0..<y.rowCount), nil) }
    let bound = Int((Double(all.count) * (1 - options.validationSplit)).rounded(.down))
    guard bound > 0, bound < all.count else {
      throw TrainingError(
        .data(
          name: "x",
          expected: "of enough rows for a validation split of \(options.validationSplit)",
          found: "of \(all.count)"))
    }
    func part(_ rows: Range<Int>) throws(TrainingError) -> Samples {
      try Samples(graph, inputs: x.map { $0.rows(rows) }, labels: y.rows(rows), loss: loss)
    }
    // Weights by class are for training alone, weights by sample are split with the samples.
    let rest = bound..<all.count
    let validation = try part(rest)
    return (
      try weighted(part(0..<bound), 0..<bound),
      options.sampleWeight == nil ? validation : try weighted(validation, rest)
    )
  }

  private func batchCount(_ samples: Samples, _ options: FitOptions) -> Int {
    (samples.count + options.batchSize - 1) / options.batchSize
  }
}

/// Seconds of a clock that only goes forward.
func secondsNow() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

extension Tensor {
  fileprivate var rowCount: Int { shape.dimensions.first ?? 0 }
}

extension FitOptions {
  /// The weight of each sample; nil for all the same.
  fileprivate func weights(of y: Tensor) throws(TrainingError) -> [Float]? {
    let rows = y.shape.dimensions.first ?? 0
    guard let classWeight else {
      guard let sampleWeight else { return nil }
      guard sampleWeight.count == rows else {
        throw TrainingError(
          .data(
            name: "sampleWeight", expected: "of \(rows) numbers like y",
            found: "\(sampleWeight.count)"))
      }
      return sampleWeight
    }
    guard sampleWeight == nil else {
      throw TrainingError(
        .data(
          name: "classWeight", expected: "given without sampleWeight", found: "given with it"))
    }
    let values = y.scalars.floats
    let width = rows == 0 ? 1 : values.count / rows
    guard y.shape.rank <= 2 else {
      throw TrainingError(
        .data(
          name: "y", expected: "of one or two axes where classes are weighted",
          found: "of shape \(y.shape)"))
    }
    return (0..<rows).map { row in
      let own = values[row * width..<(row + 1) * width]
      let number =
        width == 1
        ? Int(own[own.startIndex].rounded(.toNearestOrEven))
        : own.indices.reduce(own.startIndex) { own[$1] > own[$0] ? $1 : $0 } - own.startIndex
      return classWeight[number] ?? 1
    }
  }

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
  }
}

/// Stands for a model that was not given: its weights are the trainer's, and it cannot be saved.
final class UnsavedModel: TrainableModel {
  private let trainer: Trainer

  init(_ trainer: Trainer) { self.trainer = trainer }

  func save(to path: String) throws { throw TrainingError(.nothingToSave) }
  func saveWeights(to path: String) throws { throw TrainingError(.nothingToSave) }
  var weights: [Tensor] { get throws { try trainer.weights } }
  func setWeights(_ weights: [Tensor]) throws { try trainer.setWeights(weights) }
  var learningRate: Double {
    get { trainer.learningRate }
    set { trainer.learningRate = newValue }
  }
}
