/// Ends training that has gone wrong.

/// Stops training when the loss is NaN or infinite.
///
/// Source: `keras/src/callbacks/terminate_on_nan.py` (Keras 3.15.1).
public final class TerminateOnNaN: Callback {
  private let raiseError: Bool
  private var epoch = 0

  /// - Parameter raiseError: whether `fit` throws `TrainingError` of kind `nonFiniteLoss`; otherwise
  ///   training ends as if it were complete.
  public init(raiseError: Bool = false) { self.raiseError = raiseError }

  public func onEpochBegin(_ epoch: Int, _ training: TrainingContext) { self.epoch = epoch }

  public func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    guard let loss = logs["loss"], !loss.isFinite else { return }
    if raiseError {
      throw TrainingError(.nonFiniteLoss(epoch: epoch, batch: batch, loss: loss))
    }
    training.console.message("Batch \(batch): Invalid loss, terminating training")
    training.stopTraining = true
  }
}
