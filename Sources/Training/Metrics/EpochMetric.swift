/// Metrics that are no means of batches.
import KerasCheckpoint

/// A metric of what was added up over an epoch.
protocol EpochMetric: Sendable, Hashable {
  /// The class in Keras.
  var className: String { get }

  /// The name of an object that says no other.
  var defaultName: String { get }

  /// What labels and predictions have to be, for a message; nil where these fit.
  func problem(_ batch: MetricBatch) -> String?

  /// What a batch adds.
  ///
  /// - Precondition: the batch has no problem.
  func sums(_ batch: MetricBatch) -> [Double]

  /// The metric of the sums.
  func result(_ sums: [Double]) -> Double

  /// Takes an option from a stored configuration.
  ///
  /// - Returns: false for what is not known.
  mutating func read(_ key: String, _ value: JSON) -> Bool

  /// The options as Keras stores them.
  var options: [String: JSON] { get }
}

extension EpochMetric {
  func problem(_ batch: MetricBatch) -> String? {
    batch.areAlike ? nil : "both of one shape"
  }
}
