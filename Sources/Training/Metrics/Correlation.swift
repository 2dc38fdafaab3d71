/// How labels and predictions go together.
import KerasCheckpoint
import Tensors

extension Metric {
  /// A coefficient of correlation along the last axis or along the samples, the mean over all others.
  ///
  ///     Pearson      mean ((y - ȳ) / σy · (p - p̄) / σp)
  ///     concordance  mean (2 (y - p̄)(p - p̄)) / (σy² + σp² + (ȳ - p̄)² + 1e-7)
  ///
  /// Along an axis of size 1 Pearson's is no number, as in Keras.
  ///
  /// Source: `keras/src/metrics/correlation_metrics.py` (Keras 3.15.1).
  public struct Correlation: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      case pearson = "PearsonCorrelation"
      case concordance = "ConcordanceCorrelation"
    }

    public let kind: Kind
    /// -1, or 0 for the samples of a batch.
    public var axis: Int

    public init(_ kind: Kind, axis: Int = -1) {
      self.kind = kind
      self.axis = axis
    }
  }
}

extension Metric.Correlation: EpochMetric {
  var className: String { kind.rawValue }
  var defaultName: String {
    kind == .pearson ? "pearson_correlation" : "concordance_correlation"
  }

  func problem(_ batch: MetricBatch) -> String? {
    let rank = batch.predictions.shape.rank
    guard axis == -1 || axis == rank - 1 || axis == 0 && rank <= 2 else {
      return "predictions whose axis \(axis) is the last, or the first of two"
    }
    return batch.areAlike ? nil : "both of one shape"
  }

  /// The sum of the coefficients, each by its weight, and that of the weights.
  func sums(_ batch: MetricBatch) -> [Double] {
    let isLast = axis != 0 || batch.predictions.shape.rank == 1
    let width = batch.width
    let count = isLast ? batch.rowCount : width
    let (length, step) = isLast ? (width, 1) : (batch.rowCount, width)
    var (sum, weights) = (0.0, 0.0)
    for line in 0..<count {
      let first = isLast ? line * width : line
      let weight = batch.weight(line, of: count)
      sum += weight * coefficient(batch, stride(from: first, to: first + length * step, by: step))
      weights += weight
    }
    return [sum, weights]
  }

  private func coefficient(_ batch: MetricBatch, _ places: StrideTo<Int>) -> Double {
    let count = Double(places.underestimatedCount)
    func mean(_ value: (Int) -> Double) -> Double {
      places.reduce(0) { $0 + value($1) } / count
    }
    func square(_ value: Double) -> Double { value * value }
    let y = { Double(batch.expected[$0]) }
    let p = { Double(batch.found[$0]) }
    let (yMean, pMean) = (mean(y), mean(p))
    let yVariance = mean { square(y($0) - yMean) }
    let pVariance = mean { square(p($0) - pMean) }
    switch kind {
    case .pearson:
      let covariance = mean { (y($0) - yMean) * (p($0) - pMean) }
      return covariance / (yVariance.squareRoot() * pVariance.squareRoot())
    case .concordance:
      let covariance = mean { 2 * (y($0) - pMean) * (p($0) - pMean) }
      return covariance / (yVariance + pVariance + square(yMean - pMean) + 1e-7)
    }
  }

  func result(_ sums: [Double]) -> Double { sums[1] == 0 ? 0 : sums[0] / sums[1] }

  mutating func read(_ key: String, _ value: JSON) -> Bool {
    guard key == "axis" else { return false }
    axis = value.int ?? -1
    return true
  }

  var options: [String: JSON] { ["axis": .int(axis)] }
}
