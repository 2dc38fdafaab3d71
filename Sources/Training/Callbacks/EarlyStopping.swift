/// Stops training when it no longer helps.
import Tensors

/// Stops when a monitored number has not become better for `patience` epochs.
///
/// Source: `keras/src/callbacks/early_stopping.py` (Keras 3.15.1).
public final class EarlyStopping: Callback {
  private var monitor: Monitor
  private let patience: Int
  private let verbose: Int
  private let baseline: Double?
  private let restoreBestWeights: Bool
  private let startFromEpoch: Int
  private var wait = 0
  private var best: (epoch: Int, weights: [Tensor]?) = (0, nil)

  /// The epoch, from 0, at whose end training was stopped; nil while it was not.
  public private(set) var stoppedEpoch: Int?

  /// - Parameters:
  ///   - monitor: the name in the logs, such as `val_loss`.
  ///   - minDelta: how much better a value has to be to count as better.
  ///   - patience: the epochs to wait for something better.
  ///   - verbose: 1 to say when training is stopped or weights are restored.
  ///   - mode: which way is better.
  ///   - baseline: what a value has to beat besides the best so far for the waiting to begin anew.
  ///   - restoreBestWeights: whether the model ends with the weights of its best epoch.
  ///   - startFromEpoch: the first epoch to look at.
  public init(
    monitor: String = "val_loss", minDelta: Double = 0, patience: Int = 0, verbose: Int = 0,
    mode: MonitorMode = .auto, baseline: Double? = nil, restoreBestWeights: Bool = false,
    startFromEpoch: Int = 0
  ) {
    self.monitor = Monitor(monitor, mode: mode, minDelta: minDelta)
    self.patience = patience
    self.verbose = verbose
    self.baseline = baseline
    self.restoreBestWeights = restoreBestWeights
    self.startFromEpoch = startFromEpoch
  }

  public func onTrainBegin(_ training: TrainingContext) {
    wait = 0
    stoppedEpoch = nil
    monitor.reset()
    best = (0, nil)
  }

  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    try monitor.resolve(training.metrics, callback: "EarlyStopping")
    guard let current = logs[monitor.name] else {
      training.console.warn(
        "Early stopping conditioned on metric `\(monitor.name)` which is not available. "
          + "Available metrics are: \(logs.names.joined(separator: ","))")
      return
    }
    guard epoch >= startFromEpoch else { return }
    if restoreBestWeights, best.weights == nil {
      best = (epoch, try training.model.weights)
    }
    wait += 1
    if let former = monitor.best, monitor.isImprovement(current, on: former) {
      monitor.best = current
      best = (epoch, restoreBestWeights ? try training.model.weights : nil)
      if baseline.map({ monitor.isImprovement(current, on: $0) }) ?? true { wait = 0 }
      return
    }
    if wait >= patience, epoch > 0 {
      stoppedEpoch = epoch
      training.stopTraining = true
    }
  }

  public func onTrainEnd(_ logs: Logs, _ training: TrainingContext) throws {
    if let stoppedEpoch, verbose > 0 {
      training.console.message("Epoch \(stoppedEpoch + 1): early stopping")
    }
    guard restoreBestWeights, let weights = best.weights else { return }
    if verbose > 0 {
      training.console.message(
        "Restoring model weights from the end of the best epoch: \(best.epoch + 1).")
    }
    try training.model.setWeights(weights)
  }
}
