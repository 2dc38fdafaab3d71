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

  @Test func `A prediction at the threshold counts as no`() throws {
    let accuracy = try Metric.binaryAccuracy().accuracy(
      labels: Tensor([4], [0, 1, 1, 0] as [Float]),
      predictions: Tensor([4, 1], [0.5, 0.5, 0.6, 0.4] as [Float]))
    #expect(accuracy == 0.75)
  }

  @Test func `The first of equal predictions is the class`() throws {
    let predictions = Tensor([3, 3], [0.4, 0.4, 0.2, 0.1, 0.2, 0.7, 0.3, 0.3, 0.3] as [Float])
    #expect(
      try Metric.sparseCategoricalAccuracy.accuracy(
        labels: Tensor([3], [0, 1, 0] as [Int32]), predictions: predictions) == 2.0 / 3)
    #expect(
      try Metric.categoricalAccuracy.accuracy(
        labels: Tensor([3, 3], [1, 0, 0, 0, 0, 1, 0, 1, 0] as [Float]), predictions: predictions)
        == 2.0 / 3)
  }

  @Test func `Labels that do not fit the predictions are refused`() {
    #expect(throws: TrainingError.self) {
      try Metric.binaryAccuracy().accuracy(
        labels: Tensor([2], [0, 1] as [Float]), predictions: Tensor([3, 1], [0, 1, 0] as [Float]))
    }
  }

  @Test func `A mean weighs batches by their samples`() {
    var mean = RunningMean()
    mean.add(1, samples: 3)
    mean.add(5, samples: 1)
    #expect(mean.value == 2)
  }
}
