/// The running means of an epoch.

/// The mean of the loss and of each metric over the batches so far.
struct EpochMeans {
  private var loss = RunningMean()
  private var metrics: [(name: String, mean: RunningMean)]

  init(_ metrics: [Metric]) { self.metrics = metrics.map { ($0.name, RunningMean()) } }

  mutating func add(_ result: StepSession.Result, samples: Int) {
    loss.add(result.loss, samples: samples)
    for (index, value) in result.metrics.enumerated() {
      metrics[index].mean.add(value, samples: samples)
    }
  }

  var logs: Logs {
    var logs = Logs(["loss": loss.value])
    for metric in metrics { logs.values[metric.name] = metric.mean.value }
    return logs
  }
}
