/// How a metric comes to a number over an epoch.
import Tensors

extension Metric {
  /// What a batch adds to the sums of an epoch: for a mean the sum, and the number of what was added up.
  ///
  /// - Precondition: the metric is resolved, and is no loss.
  /// - Throws: `TrainingError` of kind `shapes`.
  package func sums(_ batch: MetricBatch) throws(TrainingError) -> [Double] {
    if let metric = function.epoch {
      if let problem = metric.problem(batch) { throw batch.mismatch(name, problem) }
      return metric.sums(batch)
    }
    if let problem = problem(batch) { throw batch.mismatch(name, problem) }
    switch function {
    case .binaryAccuracy(let threshold):
      // Keras compares in float32.
      let threshold = Float(threshold)
      return share(batch, of: batch.found.count) {
        batch.expected[$0] == (batch.found[$0] > threshold ? 1 : 0)
      }
    case .equality:
      return share(batch, of: batch.found.count) { batch.expected[$0] == batch.found[$0] }
    case .categoricalAccuracy:
      return share(batch, of: batch.rowCount) {
        batch.largestLabel($0) == batch.largestPrediction($0)
      }
    case .sparseCategoricalAccuracy:
      return share(batch, of: batch.rowCount) {
        batch.expected[$0] == Float(batch.largestPrediction($0))
      }
    case .topKAccuracy(let k, let isSparse):
      return share(batch, of: batch.rowCount) { row in
        let place = isSparse ? Int(exactly: batch.expected[row]) ?? -1 : batch.largestLabel(row)
        return Self.isAmongLargest(k, batch, row: row, place: place)
      }
    default: preconditionFailure("\(name) is not counted")
    }
  }

  private func problem(_ batch: MetricBatch) -> String? {
    switch function {
    case .binaryAccuracy, .equality: batch.areAlike ? nil : "both of one shape"
    case .sparseCategoricalAccuracy, .topKAccuracy(_, isSparse: true):
      batch.areSparse ? nil : "class numbers of the predictions' shape less an axis"
    default: batch.labels.shape == batch.predictions.shape ? nil : "both of one shape"
    }
  }

  /// The weights of the rows of which `holds` is true, and those of all.
  private func share(_ batch: MetricBatch, of count: Int, _ holds: (Int) -> Bool) -> [Double] {
    var (sum, weights) = (0.0, 0.0)
    for place in 0..<count {
      let weight = batch.weight(place, of: count)
      if holds(place) { sum += weight }
      weights += weight
    }
    return [sum, weights]
  }

  /// Whether fewer than k elements of a row are larger than the one at a place, as TensorFlow has it:
  /// of equals all are in, and nothing is that is not finite.
  private static func isAmongLargest(
    _ k: Int, _ batch: MetricBatch, row: Int, place: Int
  ) -> Bool {
    guard (0..<batch.width).contains(place) else { return false }
    let start = row * batch.width
    let own = batch.found[start + place]
    return own.isFinite && (start..<start + batch.width).count { batch.found[$0] > own } < k
  }

  /// The metric of the sums over an epoch; 0 before anything was added.
  package func result(_ sums: [Double]) -> Double {
    if let metric = function.epoch { return sums.isEmpty ? 0 : metric.result(sums) }
    guard sums.count == 2, sums[1] != 0 else { return 0 }
    let mean = sums[0] / sums[1]
    switch function {
    case .rootMeanSquaredError: return mean.squareRoot()
    case .cosineSimilarity: return -mean
    default: return mean
    }
  }
}
