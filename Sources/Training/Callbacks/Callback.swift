/// What takes part in training without being part of it.

/// Something that is told of each stage of training, and may look, stop and save. Epochs and batches
/// count from 0, as in Keras; every method does nothing unless it is given.
///
///     final class Loud: Callback {
///       func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) {
///         if logs["val_acc"] ?? 0 > 0.9 { training.stopTraining = true }
///       }
///     }
///
/// An error that a method throws ends training and reaches the caller of `fit`.
public protocol Callback: AnyObject {
  func onTrainBegin(_ training: TrainingContext) throws
  /// `logs` are those of the last epoch.
  func onTrainEnd(_ logs: Logs, _ training: TrainingContext) throws
  func onEpochBegin(_ epoch: Int, _ training: TrainingContext) throws
  /// `logs` are the means over the epoch, and under `val_` those of the validation.
  func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws
  func onTrainBatchBegin(_ batch: Int, _ training: TrainingContext) throws
  /// `logs` are the means over the epoch so far.
  func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) throws

  func onTestBegin(_ training: TrainingContext) throws
  func onTestEnd(_ logs: Logs, _ training: TrainingContext) throws
  func onTestBatchBegin(_ batch: Int, _ training: TrainingContext) throws
  func onTestBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) throws

  func onPredictBegin(_ training: TrainingContext) throws
  func onPredictEnd(_ training: TrainingContext) throws
  func onPredictBatchBegin(_ batch: Int, _ training: TrainingContext) throws
  func onPredictBatchEnd(_ batch: Int, _ training: TrainingContext) throws
}

extension Callback {
  public func onTrainBegin(_ training: TrainingContext) throws {}
  public func onTrainEnd(_ logs: Logs, _ training: TrainingContext) throws {}
  public func onEpochBegin(_ epoch: Int, _ training: TrainingContext) throws {}
  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws {}
  public func onTrainBatchBegin(_ batch: Int, _ training: TrainingContext) throws {}
  public func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) throws {}
  public func onTestBegin(_ training: TrainingContext) throws {}
  public func onTestEnd(_ logs: Logs, _ training: TrainingContext) throws {}
  public func onTestBatchBegin(_ batch: Int, _ training: TrainingContext) throws {}
  public func onTestBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) throws {}
  public func onPredictBegin(_ training: TrainingContext) throws {}
  public func onPredictEnd(_ training: TrainingContext) throws {}
  public func onPredictBatchBegin(_ batch: Int, _ training: TrainingContext) throws {}
  public func onPredictBatchEnd(_ batch: Int, _ training: TrainingContext) throws {}
}
