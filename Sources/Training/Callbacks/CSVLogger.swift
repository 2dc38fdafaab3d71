/// Writes the logs of each epoch to a file.
import DurableFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Writes a line for each epoch, `epoch` and then the logs in the order of their names; what an epoch
/// lacks is `NA`. Lines end as Python's `csv` ends them, in a carriage return and a line feed.
///
/// Source: `keras/src/callbacks/csv_logger.py` (Keras 3.15.1).
public final class CSVLogger: Callback {
  private let path: String
  private let separator: String
  private let append: Bool
  private var keys: [String]?
  private var text = ""

  public init(_ path: String, separator: String = ",", append: Bool = false) {
    self.path = path
    self.separator = separator
    self.append = append
  }

  public func onTrainBegin(_ training: TrainingContext) throws {
    keys = nil
    let isThere = append && FileManager.default.fileExists(atPath: path)
    text = isThere ? try String(contentsOfFile: path, encoding: .utf8) : ""
    try write()
  }

  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) throws {
    if keys == nil {
      let names = logs.names
      // Keras leaves room for a validation that begins later.
      let all = names.contains { $0.hasPrefix("val_") } ? names : names + names.map { "val_" + $0 }
      keys = all
      if text.isEmpty { text = line(["epoch"] + all) }
    }
    text += line(["\(epoch)"] + (keys ?? []).map { logs[$0]?.pythonText ?? "NA" })
    try write()
  }

  /// A log is small, so the whole of it is written anew, and never half a line.
  private func write() throws {
    try DurableFile.write(Array(text.utf8), to: path)
  }

  private func line(_ fields: [String]) -> String {
    fields.joined(separator: separator) + "\r\n"
  }
}
