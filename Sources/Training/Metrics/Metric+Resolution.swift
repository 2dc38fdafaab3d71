/// Which accuracy `acc` means, and how accuracies count.
package import Tensors

extension Metric {
  /// The metric with `accuracy` resolved by the shapes of a batch, as Keras resolves it: binary for
  /// predictions of one column, sparse categorical for labels that are class numbers, else
  /// categorical.
  package func resolved(labels: Shape, predictions: Shape) -> Metric {
    guard function == .accuracy else { return self }
    let (labelEnd, predictionEnd) = (labels.dimensions.last, predictions.dimensions.last)
    var metric = self
    if predictionEnd == 1 {
      metric.function = .binaryAccuracy(threshold: 0.5)
    } else if labels.rank < predictions.rank || labelEnd == 1 {
      metric.function = .sparseCategoricalAccuracy
    } else {
      metric.function = .categoricalAccuracy
    }
    return metric
  }

  /// The mean of an accuracy over a batch.
  ///
  /// - Precondition: the metric is resolved, and is no loss.
  /// - Throws: `TrainingError` of kind `shapes`.
  package func accuracy(labels: Tensor, predictions: Tensor) throws(TrainingError) -> Double {
    let labelShape = labels.shape.dimensions
    let predictionShape = predictions.shape.dimensions
    switch function {
    case .loss, .accuracy, .rootMeanSquaredError, .cosineSimilarity, .counts:
      preconditionFailure("\(name) is not counted")
    case .binaryAccuracy(let threshold):
      guard
        labelShape == predictionShape || labelShape + [1] == predictionShape
          || labelShape == predictionShape + [1]
      else { throw shapes(labels, predictions, "both of one shape") }
      // Keras compares in float32.
      let threshold = Float(threshold)
      let matches = zip(labels.scalars.floats, predictions.scalars.floats)
        .count { $0 == ($1 > threshold ? 1 : 0) }
      return share(matches, of: predictions.count)
    case .categoricalAccuracy:
      guard labelShape == predictionShape else {
        throw shapes(labels, predictions, "both of one shape")
      }
      let (expected, found) = (labels.scalars.floats, predictions.scalars.floats)
      let width = predictionShape.last ?? 1
      let rows = width == 0 ? 0 : found.count / width
      let matches = (0..<rows).count {
        Self.largest(expected, row: $0, width) == Self.largest(found, row: $0, width)
      }
      return share(matches, of: rows)
    case .topKAccuracy(let k, let isSparse):
      let rows = Array(predictionShape.dropLast())
      guard
        isSparse ? labelShape == rows || labelShape == rows + [1] : labelShape == predictionShape
      else {
        throw shapes(labels, predictions, "of the predictions' shape, less an axis if sparse")
      }
      let (expected, found) = (labels.scalars.floats, predictions.scalars.floats)
      let width = predictionShape.last ?? 1
      let count = width == 0 ? 0 : found.count / width
      let matches = (0..<count).count { row in
        let place = isSparse ? Int(expected[row]) : Self.largest(expected, row: row, width)
        return Self.isAmongLargest(k, found, row: row, width, place: place)
      }
      return share(matches, of: count)
    case .sparseCategoricalAccuracy:
      let rows = Array(predictionShape.dropLast())
      guard labelShape == rows || labelShape == rows + [1] else {
        throw shapes(labels, predictions, "class numbers of the predictions' shape less an axis")
      }
      let found = predictions.scalars.floats
      let width = predictionShape.last ?? 1
      let matches: Int
      if case .int32(let classes) = labels.scalars {
        matches = classes.indices.count {
          width > 0 && Int(classes[$0]) == Self.largest(found, row: $0, width)
        }
      } else {
        let classes = labels.scalars.floats
        matches = classes.indices.count {
          width > 0 && classes[$0] == Float(Self.largest(found, row: $0, width))
        }
      }
      return share(matches, of: labels.count)
    }
  }

  private func share(_ matches: Int, of count: Int) -> Double {
    count == 0 ? 0 : Double(matches) / Double(count)
  }

  /// The place of the first largest element of a row of `width`.
  private static func largest(_ values: [Float], row: Int, _ width: Int) -> Int {
    let start = row * width
    var best = start
    for place in start..<start + width where values[place] > values[best] { best = place }
    return best - start
  }

  /// Whether fewer than k elements of a row are larger than the one at a place, as TensorFlow has it:
  /// of equals all are in, and nothing is that is not finite.
  private static func isAmongLargest(
    _ k: Int, _ values: [Float], row: Int, _ width: Int, place: Int
  ) -> Bool {
    guard (0..<width).contains(place) else { return false }
    let own = values[row * width + place]
    return own.isFinite && (row * width..<(row + 1) * width).count { values[$0] > own } < k
  }

  /// What a batch adds to the sums of a metric that is counted.
  ///
  /// - Throws: `TrainingError` of kind `shapes`.
  package func counted(
    _ counts: Counts, labels: Tensor, predictions: Tensor
  ) throws(TrainingError) -> [Double] {
    let (a, b) = (labels.shape.dimensions, predictions.shape.dimensions)
    guard a == b || a + [1] == b || a == b + [1] else {
      throw shapes(labels, predictions, "both of one shape")
    }
    return counts.sums(
      labels: labels.scalars.floats, predictions: predictions.scalars.floats, width: b.last ?? 1)
  }

  private func shapes(
    _ labels: Tensor, _ predictions: Tensor, _ expected: String
  ) -> TrainingError {
    TrainingError(
      .shapes(
        of: name, labels: labels.shape, predictions: predictions.shape, expected: expected))
  }
}
