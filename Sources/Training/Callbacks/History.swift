/// What training leaves behind: the logs of every epoch.

/// The logs of every epoch, by name. Keras's `history.history["val_acc"]` is `history["val_acc"]`.
public final class History: Callback {
  /// The numbers of the epochs, from 0.
  public private(set) var epochs: [Int] = []

  /// One number per epoch, by the name of the loss or metric.
  public private(set) var values: [String: [Double]] = [:]

  /// Whether training was cut short from outside, in the middle of an epoch.
  public package(set) var wasInterrupted = false

  public init() {}

  /// One number per epoch; empty for a name that was not logged.
  public subscript(name: String) -> [Double] { values[name] ?? [] }

  /// The names in the order in which Keras lists them.
  public var names: [String] { Logs(values.mapValues { _ in 0 }).names }

  public func onTrainBegin(_ training: TrainingContext) { epochs = [] }

  public func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) {
    epochs.append(epoch)
    for (name, value) in logs.values { values[name, default: []].append(value) }
  }
}
