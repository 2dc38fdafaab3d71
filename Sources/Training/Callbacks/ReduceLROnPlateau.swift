/// Lowers the learning rate when training no longer gets better.

/// Multiplies the learning rate by `factor` when a monitored number has not become better for `patience`
/// epochs, and then waits `cooldown` epochs before it counts again. Logs get `learning_rate`.
///
/// Source: `keras/src/callbacks/reduce_lr_on_plateau.py` (Keras 3.15.1).
public final class ReduceLROnPlateau: Callback {
  private var monitor: Monitor
  private let factor: Double
  private let patience: Int
  private let verbose: Int
  private let cooldown: Int
  private let minLR: Double
  private var wait = 0
  private var rest = 0

  /// - Parameters:
  ///   - monitor: the name in the logs, such as `val_loss`.
  ///   - minDelta: how much better a value has to be to count as better.
  ///   - minLR: the least that the rate is lowered to.
  /// - Precondition: the factor is below 1.
  public init(
    monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10, verbose: Int = 0,
    mode: MonitorMode = .auto, minDelta: Double = 1e-4, cooldown: Int = 0, minLR: Double = 0
  ) {
    precondition(factor < 1, "a factor of \(factor) does not lower a learning rate")
    self.monitor = Monitor(monitor, mode: mode, minDelta: minDelta)
    self.factor = factor
    self.patience = patience
    self.verbose = verbose
    self.cooldown = cooldown
    self.minLR = minLR
  }

  public func onTrainBegin(_ training: TrainingContext) {
    monitor.reset()
    wait = 0
    rest = 0
  }

  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    try monitor.resolve(training.metrics, callback: "ReduceLROnPlateau")
    training.addLog("learning_rate", Double(Float(training.model.learningRate)))
    guard let current = logs[monitor.name] else {
      training.console.warn(
        "Learning rate reduction is conditioned on metric `\(monitor.name)` which is not "
          + "available. Available metrics are: \(logs.names.joined(separator: ",")).")
      return
    }
    if rest > 0 {
      rest -= 1
      wait = 0
    }
    if monitor.isImprovement(current, on: monitor.best ?? .nan) {
      monitor.best = current
      wait = 0
    } else if rest == 0 {
      wait += 1
      if wait >= patience, reduce(epoch, training) {
        rest = cooldown
        wait = 0
      }
    }
  }

  private func reduce(_ epoch: Int, _ training: TrainingContext) -> Bool {
    let old = Double(Float(training.model.learningRate))
    guard old > Double(Float(minLR)) else { return false }
    let new = max(old * factor, minLR)
    training.model.learningRate = new
    if verbose > 0 {
      training.console.message(
        "Epoch \(epoch + 1): ReduceLROnPlateau reducing learning rate to \(new.pythonText).")
    }
    return true
  }
}
