/// Saves the model as training goes on.
#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Saves the model at the end of each epoch, or after so many batches, or of these whenever it is the best
/// so far.
///
/// Source: `keras/src/callbacks/model_checkpoint.py` (Keras 3.15.1), with the messages of Keras up to
/// 3.10, which start from an infinite best value. A NaN is never the best, so it replaces no file.
public final class ModelCheckpoint: Callback {
  private let path: PathTemplate
  private var monitor: Monitor
  private let saveBestOnly: Bool
  private let saveWeightsOnly: Bool
  private let verbose: Int
  private var batches: BatchCount
  private var epoch = 0

  /// - Parameters:
  ///   - path: the file to write, ending in `.h5` or `.keras`, or `.weights.h5` for weights alone. It
  ///     may hold the epoch and what is logged, as Python formats them: `{epoch:02d}-{val_loss:.2f}.h5`.
  ///   - monitor: the name in the logs by which an epoch is the best.
  ///   - mode: which way is better.
  ///   - saveBestOnly: whether only the best epoch so far is saved.
  ///   - saveWeightsOnly: whether the weights alone are saved.
  ///   - verbose: 1 to say what is saved and what not.
  ///   - saveFreq: when it is looked whether to save; between epochs by the means so far, and the path may
  ///     then hold `{batch}`.
  ///   - initialValueThreshold: what the first value has to beat to be saved.
  public init(
    _ path: String, monitor: String = "val_loss", mode: MonitorMode = .auto,
    saveBestOnly: Bool = false, saveWeightsOnly: Bool = false, verbose: Int = 0,
    saveFreq: SaveFrequency = .epoch, initialValueThreshold: Double? = nil
  ) {
    self.path = PathTemplate(path)
    self.monitor = Monitor(monitor, mode: mode, best: initialValueThreshold)
    self.saveBestOnly = saveBestOnly
    self.saveWeightsOnly = saveWeightsOnly
    self.verbose = verbose
    batches = BatchCount(saveFreq)
  }

  /// The best value so far; nil before the first epoch.
  public var best: Double? { monitor.best }

  public func onTrainBegin(_ training: TrainingContext) throws {
    let endings = saveWeightsOnly ? [".weights.h5"] : [".keras", ".h5"]
    guard endings.contains(where: path.text.hasSuffix) else {
      throw TrainingError(
        .path(path.text, reason: "it must end in \(endings.joined(separator: " or "))"))
    }
  }

  public func onEpochBegin(_ epoch: Int, _ training: TrainingContext) { self.epoch = epoch }

  public func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    if batches.isDue() { try save(epoch, batch: batch, logs, training) }
  }

  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    if batches.frequency == .epoch { try save(epoch, batch: nil, logs, training) }
  }

  private func save(
    _ epoch: Int, batch: Int?, _ logs: Logs, _ training: TrainingContext
  ) throws {
    try monitor.resolve(training.metrics, callback: "ModelCheckpoint")
    let file = try path.filled(epoch: epoch, batch: batch, logs)
    guard shouldSave(epoch, logs, to: file, training) else { return }
    let folder = URL(filePath: file).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if saveWeightsOnly {
      try training.model.saveWeights(to: file)
    } else {
      try training.model.save(to: file)
    }
  }

  private func shouldSave(
    _ epoch: Int, _ logs: Logs, to file: String, _ training: TrainingContext
  ) -> Bool {
    guard saveBestOnly else {
      say("Epoch \(epoch + 1): saving model to \(file)", training)
      return true
    }
    guard let current = logs[monitor.name] else {
      training.console.warn("Can save best model only with \(monitor.name) available.")
      return true
    }
    let former = monitor.best ?? .nan
    guard monitor.isImprovement(current, on: former) else {
      say("Epoch \(epoch + 1): \(monitor.name) did not improve from \(former.fixed(5))", training)
      return false
    }
    say(
      "Epoch \(epoch + 1): \(monitor.name) improved from \(former.fixed(5)) to "
        + "\(current.fixed(5)), saving model to \(file)", training)
    monitor.best = current
    return true
  }

  private func say(_ text: String, _ training: TrainingContext) {
    if verbose > 0 { training.console.message(text) }
  }
}
