/// The callback that draws the progress line. The trainer adds it after all others, so that the line
/// of an epoch is finished after their messages.
package final class ProgressLogger: Callback {
  private let verbosity: Verbosity
  private var bar: ProgressBar?
  private var isFitting = false
  private var seen = 0

  package init(_ verbosity: Verbosity) { self.verbosity = verbosity }

  package func onTrainBegin(_ training: TrainingContext) { isFitting = true }

  package func onEpochBegin(_ epoch: Int, _ training: TrainingContext) {
    if verbosity != .silent, training.epochs > 1 {
      training.console.message("Epoch \(epoch + 1)/\(training.epochs)")
    }
    begin(training)
  }

  package func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) {
    advance(batch, logs)
  }

  package func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) {
    finish(training.steps, logs)
  }

  /// Ends the line of an epoch that was cut short.
  package func onTrainEnd(_ logs: Logs, _ training: TrainingContext) {
    if bar != nil, !training.console.isAtLineStart { training.console.write("\n") }
    bar = nil
    isFitting = false
  }

  // Inside `fit` the validation is silent.

  package func onTestBegin(_ training: TrainingContext) {
    if !isFitting { begin(training) }
  }

  package func onTestBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) {
    if !isFitting { advance(batch, logs) }
  }

  package func onTestEnd(_ logs: Logs, _ training: TrainingContext) {
    if !isFitting { finish(training.steps, logs) }
  }

  package func onPredictBegin(_ training: TrainingContext) { begin(training) }

  package func onPredictBatchEnd(_ batch: Int, _ training: TrainingContext) {
    advance(batch, [:])
  }

  package func onPredictEnd(_ training: TrainingContext) { finish(training.steps, [:]) }

  private func begin(_ training: TrainingContext) {
    seen = 0
    bar = ProgressBar(
      target: training.steps, verbosity: verbosity, console: training.console,
      clock: training.clock)
  }

  private func advance(_ batch: Int, _ logs: Logs) {
    seen = batch + 1
    if verbosity == .progress { bar?.update(seen, logs, isFinal: false) }
  }

  private func finish(_ steps: Int, _ logs: Logs) {
    bar?.update(steps, logs, isFinal: true)
    bar = nil
  }
}
