/// Which accuracy `acc` means, and what a metric needs.
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

  /// The loss that the program of a step computes for it; nil for what is counted.
  package var loss: Loss? {
    switch function {
    case .loss(let loss): return loss
    case .rootMeanSquaredError: return .meanSquaredError
    case .cosineSimilarity(let axis):
      var loss = Loss.cosineSimilarity
      loss.parameters.axes = [axis]
      return loss
    default: return nil
    }
  }

  /// Whether less of it is better.
  package var isLess: Bool {
    switch function {
    case .loss, .rootMeanSquaredError: true
    case .counts(let counts): counts.kind == .falsePositives || counts.kind == .falseNegatives
    default: false
    }
  }

  /// Whether steps that a mask leaves out do not count, as in all of Keras's means.
  var countsMask: Bool {
    if case .correlation = function { return true }
    return function.epoch == nil
  }
}
