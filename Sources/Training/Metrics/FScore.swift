/// The weighted harmonic mean of precision and recall.
import KerasCheckpoint
import Tensors

extension Metric {
  /// `(1 + β²) · precision · recall / (β² · precision + recall)`, for each column of labels of 0 and 1.
  ///
  /// Source: `keras/src/metrics/f_score_metrics.py` (Keras 3.15.1).
  public struct FScore: Sendable, Hashable {
    /// How the columns become one number.
    public enum Average: String, Sendable, Hashable {
      /// What is counted is added up before.
      case micro
      case macro
      /// By the labels in each column.
      case weighted
    }

    /// nil as for `macro`: Keras then gives a number for each column, of which this is the mean.
    public var average: Average?
    public var beta: Double
    /// What a prediction has to exceed; nil for the largest of its row.
    public var threshold: Double?
    /// Whether it is Keras's `F1Score`, whose beta is 1.
    public let isF1: Bool

    /// Keras's `F1Score`.
    public init(average: Average? = nil, threshold: Double? = nil) {
      self.average = average
      beta = 1
      self.threshold = threshold
      isF1 = true
    }

    /// Keras's `FBetaScore`.
    public init(beta: Double, average: Average? = nil, threshold: Double? = nil) {
      self.average = average
      self.beta = beta
      self.threshold = threshold
      isF1 = false
    }
  }
}

extension Metric.FScore: EpochMetric {
  var className: String { isF1 ? "F1Score" : "FBetaScore" }
  var defaultName: String { isF1 ? "f1_score" : "fbeta_score" }

  func problem(_ batch: MetricBatch) -> String? {
    batch.labels.shape == batch.predictions.shape && batch.labels.shape.rank == 2
      ? nil : "both of one shape [N, C]"
  }

  /// For each column what was found rightly, found wrongly, missed, and was there.
  func sums(_ batch: MetricBatch) -> [Double] {
    let width = batch.width
    var sums = [Double](repeating: 0, count: 4 * width)
    for row in 0..<batch.rowCount {
      let elements = row * width..<(row + 1) * width
      let largest = batch.found[elements].max() ?? 0
      let weight = batch.weight(row, of: batch.rowCount)
      for place in elements {
        let value = batch.found[place]
        // A row of zeros finds nothing.
        let isFound = threshold.map { value > Float($0) } ?? (value >= largest && abs(value) > 1e-9)
        let (label, column) = (Double(batch.expected[place]), 4 * (place - elements.lowerBound))
        sums[column] += isFound ? weight * label : 0
        sums[column + 1] += isFound ? weight * (1 - label) : 0
        sums[column + 2] += isFound ? 0 : weight * label
        sums[column + 3] += weight * label
      }
    }
    return sums
  }

  func result(_ sums: [Double]) -> Double {
    let columns = stride(from: 0, to: sums.count, by: 4).map { Array(sums[$0..<$0 + 4]) }
    switch average {
    case .micro:
      return score((0..<4).map { part in columns.reduce(0) { $0 + $1[part] } })
    case .macro, nil:
      return columns.reduce(0) { $0 + score($1) } / Double(columns.count)
    case .weighted:
      let total = columns.reduce(0) { $0 + $1[3] } + Self.epsilon
      return columns.reduce(0) { $0 + score($1) * $1[3] / total }
    }
  }

  private func score(_ counts: [Double]) -> Double {
    let precision = counts[0] / (counts[0] + counts[1] + Self.epsilon)
    let recall = counts[0] / (counts[0] + counts[2] + Self.epsilon)
    let square = beta * beta
    return precision * recall / (square * precision + recall + Self.epsilon) * (1 + square)
  }

  private static let epsilon = 1e-7

  mutating func read(_ key: String, _ value: JSON) -> Bool {
    switch key {
    case "average":
      guard let known = value.string.flatMap(Average.init) else { return false }
      average = known
    case "beta" where !isF1: beta = value.double ?? 1
    case "threshold": threshold = value.double
    default: return false
    }
    return true
  }

  var options: [String: JSON] {
    var options: [String: JSON] = [
      "average": average.map { .string($0.rawValue) } ?? .null,
      "threshold": threshold.map { .number($0) } ?? .null,
    ]
    if !isF1 { options["beta"] = .number(beta) }
    return options
  }
}
