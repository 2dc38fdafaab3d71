/// A mean over batches in which each counts by its number of samples, as Keras reports every loss and
/// metric of an epoch.
package struct RunningMean: Sendable {
  private var total = 0.0
  private var count = 0.0

  package init() {}

  package mutating func add(_ mean: Double, samples: Int) {
    total += mean * Double(samples)
    count += Double(samples)
  }

  /// 0 before anything was added.
  package var value: Double { count == 0 ? 0 : total / count }
}
