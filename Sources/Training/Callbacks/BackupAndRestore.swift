/// Lets training that was cut short go on.
#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Keeps the model and its optimizer in a folder while training runs, and begins from what it finds there:
/// with the weights, the optimizer's state and the epoch at which the last training was cut short.
///
///     try model.fit(x, y, epochs: 100, callbacks: [BackupAndRestore("backup")])
///
/// The backup of the epoch to begin with next is `epoch-<number>.h5`, counted from 0. Each is written whole
/// before the one before it is removed, so no second copy is needed; a backup in the middle of an epoch
/// begins that epoch again, as in Keras.
///
/// Source: `keras/src/callbacks/backup_and_restore.py` (Keras 3.15.1).
public final class BackupAndRestore: Callback {
  private let folder: URL
  private let deleteCheckpoint: Bool
  private var batches: BatchCount
  private var epoch = 0

  /// - Parameters:
  ///   - folder: is made where it is missing.
  ///   - deleteCheckpoint: whether the backup is removed when training is complete.
  public init(_ folder: String, saveFreq: SaveFrequency = .epoch, deleteCheckpoint: Bool = true) {
    self.folder = URL(filePath: folder)
    self.deleteCheckpoint = deleteCheckpoint
    batches = BatchCount(saveFreq)
  }

  public func onTrainBegin(_ training: TrainingContext) throws {
    guard let last = try backups().last else { return }
    try training.model.restore(from: path(last))
    training.initialEpoch = last
  }

  public func onEpochBegin(_ epoch: Int, _ training: TrainingContext) { self.epoch = epoch }

  public func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    if batches.isDue() { try save(epoch, training) }
  }

  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    if batches.frequency == .epoch { try save(epoch + 1, training) }
  }

  public func onTrainEnd(_ logs: Logs, _ training: TrainingContext) throws {
    guard deleteCheckpoint, !training.wasInterrupted else { return }
    for epoch in try backups() { try FileManager.default.removeItem(atPath: path(epoch)) }
    // What else is in the folder is not the callback's.
    guard try files().isEmpty, FileManager.default.fileExists(atPath: folder.path) else { return }
    try FileManager.default.removeItem(at: folder)
  }

  private func save(_ next: Int, _ training: TrainingContext) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try training.model.save(to: path(next))
    for older in try backups() where older != next {
      try FileManager.default.removeItem(atPath: path(older))
    }
  }

  private func path(_ epoch: Int) -> String { folder.appending(path: "epoch-\(epoch).h5").path }

  private func files() throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }

  /// The epochs of which there are backups, in their order.
  private func backups() throws -> [Int] {
    try files().compactMap { $0.wholeMatch(of: /epoch-(\d{1,9})\.h5/).flatMap { Int($0.1) } }
      .sorted()
  }
}
