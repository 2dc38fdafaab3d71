/// What an epoch has come to so far.

/// The mean of the loss over the batches so far, and the sums of each metric.
struct EpochMeans {
  private var loss = RunningMean()
  private var metrics: [(metric: Metric, sums: [Double])]

  init(_ metrics: [Metric]) { self.metrics = metrics.map { ($0, []) } }

  mutating func add(_ result: StepSession.Result, samples: Int) {
    loss.add(result.loss, samples: samples)
    for (index, value) in result.metrics.enumerated() {
      let sums =
        switch value {
        case .mean(let mean): metrics[index].metric.sums(mean: mean, samples: samples)
        case .counts(let counts): counts
        }
      if metrics[index].sums.isEmpty {
        metrics[index].sums = sums
      } else {
        for place in sums.indices { metrics[index].sums[place] += sums[place] }
      }
    }
  }

  var logs: Logs {
    var logs = Logs(["loss": loss.value])
    for metric in metrics { logs.values[metric.metric.name] = metric.metric.result(metric.sums) }
    return logs
  }
}
