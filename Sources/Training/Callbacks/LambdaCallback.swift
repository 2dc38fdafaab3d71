/// A callback from closures.

/// Calls a closure at a stage of training, for what is not worth a type.
///
///     LambdaCallback(onEpochEnd: { epoch, logs, _ in print(epoch, logs["loss"] ?? .nan) })
public final class LambdaCallback: Callback {
  private let trainBegin: ((TrainingContext) throws -> Void)?
  private let trainEnd: ((Logs, TrainingContext) throws -> Void)?
  private let epochBegin: ((Int, TrainingContext) throws -> Void)?
  private let epochEnd: ((Int, Logs, TrainingContext) throws -> Void)?
  private let batchEnd: ((Int, Logs, TrainingContext) throws -> Void)?

  public init(
    onTrainBegin: ((TrainingContext) throws -> Void)? = nil,
    onTrainEnd: ((Logs, TrainingContext) throws -> Void)? = nil,
    onEpochBegin: ((Int, TrainingContext) throws -> Void)? = nil,
    onEpochEnd: ((Int, Logs, TrainingContext) throws -> Void)? = nil,
    onTrainBatchEnd: ((Int, Logs, TrainingContext) throws -> Void)? = nil
  ) {
    trainBegin = onTrainBegin
    trainEnd = onTrainEnd
    epochBegin = onEpochBegin
    epochEnd = onEpochEnd
    batchEnd = onTrainBatchEnd
  }

  public func onTrainBegin(_ training: TrainingContext) throws { try trainBegin?(training) }
  public func onTrainEnd(_ logs: Logs, _ training: TrainingContext) throws {
    try trainEnd?(logs, training)
  }
  public func onEpochBegin(_ epoch: Int, _ training: TrainingContext) throws {
    try epochBegin?(epoch, training)
  }
  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    try epochEnd?(epoch, logs, training)
  }
  public func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    try batchEnd?(batch, logs, training)
  }
}
