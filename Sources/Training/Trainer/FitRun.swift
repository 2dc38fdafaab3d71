/// One call of `fit`.

/// Walks the epochs and batches of one training and tells the callbacks.
struct FitRun {
  let trainer: Trainer
  let training: Samples
  let validation: Samples?
  let options: FitOptions
  let callbacks: [any Callback]
  let context: TrainingContext
  let history: History

  /// How an epoch ended.
  private enum Ending {
    case complete(Logs)
    case interrupted
  }

  func run() throws {
    let seed = options.seed ?? UInt64.random(in: .min ... .max)
    for callback in callbacks { try callback.onTrainBegin(context) }
    var last = Logs()
    for epoch in options.initialEpoch..<max(options.initialEpoch, options.epochs) {
      guard case .complete(let logs) = try runEpoch(epoch, seed: seed) else {
        // An epoch that was cut short is in no history, and no callback judges the model by it.
        history.wasInterrupted = true
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

  private func runEpoch(_ epoch: Int, seed: UInt64) throws -> Ending {
    context.resetLogs()
    for callback in callbacks { try callback.onEpochBegin(epoch, context) }
    let order =
      options.shuffle
      ? SampleOrder.shuffled(training.count, seed: seed, iterations: trainer.iterations)
      : Array(0..<training.count)
    var means = EpochMeans(context.metrics)
    for (batch, start) in stride(from: 0, to: order.count, by: options.batchSize).enumerated() {
      for callback in callbacks { try callback.onTrainBatchBegin(batch, context) }
      let rows = order[start..<min(start + options.batchSize, order.count)]
      let result = try step(rows, seed: seed)
      try check(result.loss, epoch: epoch, batch: batch)
      means.add(result, samples: rows.count)
      let logs = means.logs
      for callback in callbacks { try callback.onTrainBatchEnd(batch, logs, context) }
      if isCancelled { return .interrupted }
      if context.stopTraining { break }
    }
    guard let validation else { return .complete(means.logs) }
    let logs = try trainer.test(
      validation, batchSize: options.batchSize, callbacks, context, options.cancellation)
    guard let logs else { return .interrupted }
    return .complete(means.logs.merged(logs, prefix: "val_"))
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
