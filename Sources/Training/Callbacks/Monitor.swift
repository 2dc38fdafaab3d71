/// Whether a number that a callback watches has become better.

/// Which way is better.
public enum MonitorMode: String, Sendable {
  /// Down for the loss and for metrics that are losses, up for accuracies.
  case auto
  case min
  case max
}

/// The best of a monitored number so far.
///
/// Source: `keras/src/callbacks/monitor_callback.py` (Keras 3.15.1). Where Keras starts from `None`,
/// which anything improves on, even NaN, this starts from infinity, so NaN is never the best.
package struct Monitor: Sendable {
  package let name: String
  private let mode: MonitorMode
  private let minDelta: Double

  /// The best so far, or the bound that the first one has to beat; nil before `resolve`.
  package var best: Double?

  /// +1 where more is better, -1 where less is; nil before `resolve`.
  private var sense: Double?

  package init(_ name: String, mode: MonitorMode, minDelta: Double = 0, best: Double? = nil) {
    self.name = name
    self.mode = mode
    self.minDelta = abs(minDelta)
    self.best = best
  }

  /// Finds out which way is better.
  ///
  /// - Throws: `TrainingError` of kind `monitorDirection`.
  package mutating func resolve(
    _ metrics: [Metric], callback: String
  ) throws(TrainingError) {
    guard sense == nil else { return }
    let plain = name.hasPrefix("val_") ? String(name.dropFirst(4)) : name
    switch mode {
    case .min: sense = -1
    case .max: sense = 1
    // That of an output is `price_loss`.
    case .auto where plain == "loss" || plain.hasSuffix("_loss"): sense = -1
    case .auto:
      guard let metric = metrics.first(where: { $0.name == plain }) else {
        throw TrainingError(.monitorDirection(callback: callback, monitor: name))
      }
      sense = metric.isLess ? -1 : 1
    }
    if best == nil { reset() }
  }

  /// Forgets the best.
  package mutating func reset() { best = sense.map { -$0 * .infinity } }

  /// Whether `value` beats `reference` by more than the smallest difference that counts.
  package func isImprovement(_ value: Double, on reference: Double) -> Bool {
    let sense = sense ?? -1
    return sense * value - minDelta > sense * reference
  }
}
