import Tensors
import Testing
import Training

@Suite struct MetricTests {
  @Test func `Accuracy is resolved by the shapes of labels and predictions`() {
    func function(_ labels: Shape, _ predictions: Shape) -> Metric.Function {
      Metric.acc.resolved(labels: labels, predictions: predictions).function
    }
    #expect(function([32], [32, 1]) == .binaryAccuracy(threshold: 0.5))
    #expect(function([32, 1], [32, 1]) == .binaryAccuracy(threshold: 0.5))
    #expect(function([32], [32, 3]) == .sparseCategoricalAccuracy)
    #expect(function([32, 1], [32, 3]) == .sparseCategoricalAccuracy)
    #expect(function([32, 3], [32, 3]) == .categoricalAccuracy)
    #expect(Metric.acc.resolved(labels: [32], predictions: [32, 3]).name == "acc")
  }

  /// The metric of one batch.
  private func value(
    _ metric: Metric, labels: Tensor, predictions: Tensor, weights: Tensor? = nil
  ) throws -> Double {
    metric.result(
      try metric.sums(MetricBatch(labels: labels, predictions: predictions, weights: weights)))
  }

  @Test func `A prediction at the threshold counts as no`() throws {
    let accuracy = try value(
      .binaryAccuracy(), labels: Tensor([4], [0, 1, 1, 0] as [Float]),
      predictions: Tensor([4, 1], [0.5, 0.5, 0.6, 0.4] as [Float]))
    #expect(accuracy == 0.75)
  }

  @Test func `Samples count by their weights, and all of one by its own`() throws {
    let accuracy = try value(
      .binaryAccuracy(), labels: Tensor([2, 2], [0, 1, 1, 0] as [Float]),
      predictions: Tensor([2, 2], [0.4, 0.4, 0.6, 0.4] as [Float]),
      weights: Tensor([2], [3, 1] as [Float]))
    #expect(accuracy == 5.0 / 8)
  }

  /// Keras 3.15 cannot train with an adjusted score, so its formula is followed here by hand.
  @Test func `A score is adjusted for the number of variables`() throws {
    let labels = Tensor([4, 1], [1, 2, 3, 4] as [Float])
    let predictions = Tensor([4, 1], [1.1, 1.9, 3.2, 3.7] as [Float])
    let plain = try value(.r2Score, labels: labels, predictions: predictions)
    #expect(abs(plain - 0.97) < 1e-6)
    let adjusted = try value(
      Metric(.r2Score(Metric.R2Score(regressorCount: 1))), labels: labels, predictions: predictions)
    #expect(abs(adjusted - 0.955) < 1e-6)
  }

  @Test func `The first of equal predictions is the class`() throws {
    let predictions = Tensor([3, 3], [0.4, 0.4, 0.2, 0.1, 0.2, 0.7, 0.3, 0.3, 0.3] as [Float])
    #expect(
      try value(
        .sparseCategoricalAccuracy, labels: Tensor([3], [0, 1, 0] as [Int32]),
        predictions: predictions) == 2.0 / 3)
    #expect(
      try value(
        .categoricalAccuracy, labels: Tensor([3, 3], [1, 0, 0, 0, 0, 1, 0, 1, 0] as [Float]),
        predictions: predictions) == 2.0 / 3)
  }

  @Test func `Labels that do not fit the predictions are refused`() {
    #expect(throws: TrainingError.self) {
      try value(
        .binaryAccuracy(), labels: Tensor([2], [0, 1] as [Float]),
        predictions: Tensor([3, 1], [0, 1, 0] as [Float]))
    }
  }

  @Test func `A mean weighs batches by their samples`() {
    var mean = RunningMean()
    mean.add(1, samples: 3)
    mean.add(5, samples: 1)
    #expect(mean.value == 2)
  }
}
