/// What a metric is counted from.
package import Tensors

/// Labels and predictions of a batch, and how much each sample counts.
package struct MetricBatch {
  package let labels: Tensor
  package let predictions: Tensor
  /// The numbers, row by row.
  let expected: Numbers
  let found: [Float]
  private let weights: [Float]?

  /// - Parameter weights: how much each sample counts, [N], or each step of one, [N, T]; nil for all the
  ///   same.
  package init(labels: Tensor, predictions: Tensor, weights: Tensor? = nil) {
    self.labels = labels
    self.predictions = predictions
    expected = Numbers(labels)
    found = predictions.scalars.floats
    self.weights = weights?.scalars.floats
  }

  /// Labels as they are stored, since a batch of them should not be copied for every metric.
  enum Numbers {
    case floats([Float])
    case ints([Int32])

    init(_ tensor: Tensor) {
      if case .int32(let values) = tensor.scalars {
        self = .ints(values)
      } else {
        self = .floats(tensor.scalars.floats)
      }
    }

    subscript(place: Int) -> Float {
      switch self {
      case .floats(let values): values[place]
      case .ints(let values): Float(values[place])
      }
    }
  }

  /// The size of the last axis of the predictions.
  var width: Int { predictions.shape.dimensions.last ?? 1 }

  /// The rows along the last axis of the predictions.
  var rowCount: Int { width == 0 ? 0 : found.count / width }

  /// How much the row at `place` of `count` rows counts.
  func weight(_ place: Int, of count: Int) -> Double {
    guard let weights, count > 0 else { return 1 }
    return Double(weights[place * weights.count / count])
  }

  /// Whether labels and predictions have one shape, but for a last axis of size 1.
  var areAlike: Bool {
    let (a, b) = (labels.shape.dimensions, predictions.shape.dimensions)
    return a == b || a + [1] == b || a == b + [1]
  }

  /// Whether labels are without the last axis of the predictions, or have it of size 1.
  var areSparse: Bool {
    let rows = Array(predictions.shape.dimensions.dropLast())
    return labels.shape.dimensions == rows || labels.shape.dimensions == rows + [1]
  }

  /// The place of the first largest prediction of a row.
  func largestPrediction(_ row: Int) -> Int { largest(row) { found[$0] } }

  /// The place of the first largest label of a row.
  func largestLabel(_ row: Int) -> Int { largest(row) { expected[$0] } }

  private func largest(_ row: Int, _ value: (Int) -> Float) -> Int {
    let start = row * width
    var best = start
    for place in start..<start + width where value(place) > value(best) { best = place }
    return best - start
  }

  /// The error of a metric that cannot compare these.
  func mismatch(_ name: String, _ expected: String) -> TrainingError {
    TrainingError(
      .shapes(of: name, labels: labels.shape, predictions: predictions.shape, expected: expected))
  }
}
