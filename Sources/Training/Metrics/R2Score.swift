/// The share of the variance that is explained.
import KerasCheckpoint
import Tensors

extension Metric {
  /// `1 - Σ (y - p)² / Σ (y - ȳ)²`, for each column.
  ///
  /// Source: `keras/src/metrics/regression_metrics.py` (Keras 3.15.1).
  public struct R2Score: Sendable, Hashable {
    /// How the columns become one number.
    public enum Aggregation: String, Sendable, Hashable {
      case uniform = "uniform_average"
      /// By the variance of each column.
      case varianceWeighted = "variance_weighted_average"
    }

    /// nil as for `uniform`: Keras then gives a number for each column, of which this is the mean.
    public var aggregation: Aggregation?
    /// The independent variables for which the score is adjusted; 0 for no adjustment.
    public var regressorCount: Int

    public init(aggregation: Aggregation? = .uniform, regressorCount: Int = 0) {
      self.aggregation = aggregation
      self.regressorCount = regressorCount
    }
  }
}

extension Metric.R2Score: EpochMetric {
  var className: String { "R2Score" }
  var defaultName: String { "r2_score" }

  func problem(_ batch: MetricBatch) -> String? {
    batch.areAlike && batch.predictions.shape.rank <= 2 ? nil : "both of one shape [N, C]"
  }

  /// For each column the sums of y, of y², of the squared errors and of the weights; and the number of
  /// all labels.
  func sums(_ batch: MetricBatch) -> [Double] {
    let width = batch.predictions.shape.rank == 1 ? 1 : batch.width
    let rows = width == 0 ? 0 : batch.found.count / width
    var sums = [Double](repeating: 0, count: 4 * width + 1)
    for place in batch.found.indices {
      let weight = batch.weight(place / width, of: rows)
      let (y, p) = (Double(batch.expected[place]), Double(batch.found[place]))
      let column = 4 * (place % width)
      sums[column] += weight * y
      sums[column + 1] += weight * y * y
      sums[column + 2] += weight * (y - p) * (y - p)
      sums[column + 3] += weight
    }
    sums[4 * width] = Double(batch.found.count)
    return sums
  }

  func result(_ sums: [Double]) -> Double {
    var (scores, totals): ([Double], [Double]) = ([], [])
    for column in stride(from: 0, to: sums.count - 1, by: 4) {
      let total = sums[column + 1] - sums[column] * (sums[column] / sums[column + 3])
      let score = 1 - sums[column + 2] / total
      scores.append(score.isInfinite ? 0 : score)
      totals.append(total)
    }
    let score =
      aggregation == .varianceWeighted
      ? zip(scores, totals).reduce(0) { $0 + $1.0 * $1.1 } / totals.reduce(0, +)
      : scores.reduce(0, +) / Double(scores.count)
    // As many variables as labels explain anything; Keras then leaves the score as it is.
    let rest = (sums.last ?? 0) - 1 - Double(regressorCount)
    guard regressorCount != 0, rest > 0 else { return score }
    return 1 - (1 - score) * ((sums.last ?? 0) - 1) / rest
  }

  mutating func read(_ key: String, _ value: JSON) -> Bool {
    switch key {
    case "class_aggregation":
      guard let known = value.string.flatMap(Aggregation.init) else { return false }
      aggregation = known
    case "num_regressors": regressorCount = value.int ?? 0
    default: return false
    }
    return true
  }

  var options: [String: JSON] {
    [
      "class_aggregation": aggregation.map { .string($0.rawValue) } ?? .null,
      "num_regressors": .int(regressorCount),
    ]
  }
}
