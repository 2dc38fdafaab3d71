/// Sets the learning rate epoch by epoch.

/// Sets the learning rate at the beginning of each epoch to what a function makes of the epoch, from 0,
/// and the rate so far. Logs get `learning_rate`.
///
///     LearningRateScheduler { epoch, rate in epoch < 10 ? rate : rate * 0.9 }
///
/// Source: `keras/src/callbacks/learning_rate_scheduler.py` (Keras 3.15.1).
public final class LearningRateScheduler: Callback {
  private let schedule: (_ epoch: Int, _ rate: Double) throws -> Double
  private let verbose: Int

  public init(
    verbose: Int = 0, _ schedule: @escaping (_ epoch: Int, _ rate: Double) throws -> Double
  ) {
    self.schedule = schedule
    self.verbose = verbose
  }

  public func onEpochBegin(_ epoch: Int, _ training: TrainingContext) throws {
    let rate = try schedule(epoch, Double(Float(training.model.learningRate)))
    training.model.learningRate = rate
    guard verbose > 0 else { return }
    training.console.message(
      "Epoch \(epoch + 1): LearningRateScheduler setting learning rate to \(rate.pythonText).")
  }

  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) {
    training.addLog("learning_rate", Double(Float(training.model.learningRate)))
  }
}
