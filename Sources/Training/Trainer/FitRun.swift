/// One call of `fit`.

/// Walks the epochs and batches of one training and tells the callbacks.
struct FitRun {
  let trainer: Trainer
  let judgement: Judgement
  let training: Samples
  let validation: Samples?
  let options: FitOptions
  let callbacks: [any Callback]
  let context: TrainingContext
  let history: History
  /// The samples that the pass through the data has still to come to.
  private var rest: ArraySlice<Int> = []

  init(
    trainer: Trainer, judgement: Judgement, training: Samples, validation: Samples?,
    options: FitOptions, callbacks: [any Callback], context: TrainingContext, history: History
  ) {
    self.trainer = trainer
    self.judgement = judgement
    self.training = training
    self.validation = validation
    self.options = options
    self.callbacks = callbacks
    self.context = context
    self.history = history
  }

  /// How an epoch ended.
  private enum Ending {
    case complete(Logs)
    case interrupted
  }

  mutating func run() throws {
    let seed = options.seed ?? UInt64.random(in: .min ... .max)
    for callback in callbacks { try callback.onTrainBegin(context) }
    var last = Logs()
    for epoch in context.initialEpoch..<max(context.initialEpoch, options.epochs) {
      guard case .complete(let logs) = try runEpoch(epoch, seed: seed) else {
        // An epoch that was cut short is in no history, and no callback judges the model by it.
        history.wasInterrupted = true
        context.wasInterrupted = true
        break
      }
      last = logs
      for callback in callbacks {
        try callback.onEpochEnd(epoch, last, context)
        last = logs.merged(context.addedLogs, prefix: "")
      }
      if context.stopTraining { break }
    }
    if options.epochs > 0 { trainer.takeAverages() }
    for callback in callbacks { try callback.onTrainEnd(last, context) }
  }

  private mutating func runEpoch(_ epoch: Int, seed: UInt64) throws -> Ending {
    context.resetLogs()
    for callback in callbacks { try callback.onEpochBegin(epoch, context) }
    var means = EpochMeans(judgement)
    for batch in 0..<context.steps {
      // An epoch ends with the data, as in Keras, also where it began in the middle of them.
      if batch > 0, rest.isEmpty {
        context.console.warn(
          "The data ended after \(batch) of \(context.steps) steps of the epoch.")
        break
      }
      if rest.isEmpty { rest = order(seed: seed) }
      for callback in callbacks { try callback.onTrainBatchBegin(batch, context) }
      let rows = rest.prefix(options.batchSize)
      rest = rest.dropFirst(options.batchSize)
      let result = try step(rows, seed: seed)
      try check(result.loss, epoch: epoch, batch: batch)
      means.add(result, samples: rows.count)
      let logs = means.logs
      for callback in callbacks { try callback.onTrainBatchEnd(batch, logs, context) }
      if isCancelled { return .interrupted }
      if context.stopTraining { break }
    }
    guard let validation, (epoch + 1).isMultiple(of: options.validationFreq) else {
      return .complete(means.logs)
    }
    let logs = try trainer.test(
      validation, judgement, batchSize: options.validationBatchSize ?? options.batchSize,
      steps: options.validationSteps, callbacks, context, options.cancellation)
    guard let logs else { return .interrupted }
    return .complete(means.logs.merged(logs, prefix: "val_"))
  }

  private func order(seed: UInt64) -> ArraySlice<Int> {
    options.shuffle
      ? SampleOrder.shuffled(training.count, seed: seed, iterations: trainer.iterations)[...]
      : Array(0..<training.count)[...]
  }

  private var isCancelled: Bool { options.cancellation?.isCancelled == true }

  private func step(_ rows: ArraySlice<Int>, seed: UInt64) throws -> StepSession.Result {
    let configuration = try trainer.compiled(to: "be trained")
    let settings = trainer.settings(configuration)
    let session = try trainer.session(
      training.key(trainer.isUpdateDue ? .train : .accumulate, rows: rows.count))
    session.load(training, rows)
    do {
      let result = try session.train(settings, seed: seed)
      trainer.iterations += 1
      return result
    } catch {
      throw training.located(error, in: rows)
    }
  }

  private func check(_ loss: Double, epoch: Int, batch: Int) throws {
    guard !loss.isFinite else { return }
    let error = TrainingError(.nonFiniteLoss(epoch: epoch, batch: batch, loss: loss))
    if options.nonFiniteLoss == .fail { throw error }
    guard !context.hasWarnedOfLoss else { return }
    context.hasWarnedOfLoss = true
    context.console.warn(error.description)
  }
}
