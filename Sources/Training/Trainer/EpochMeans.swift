/// What an epoch has come to so far.

/// The means of the losses over the batches so far, and the sums of each metric.
struct EpochMeans {
  private var loss = RunningMean()
  private var losses: [(name: String, mean: RunningMean)]
  private var metrics: [(metric: Metric, sums: [Double])]

  init(_ judgement: Judgement) {
    losses = judgement.outputs.compactMap(\.logName).map { ($0, RunningMean()) }
    metrics = judgement.metrics.map { ($0.metric, []) }
  }

  mutating func add(_ result: StepSession.Result, samples: Int) {
    loss.add(result.loss, samples: samples)
    for (index, value) in result.losses.enumerated() {
      losses[index].mean.add(value, samples: samples)
    }
    for (index, sums) in result.metrics.enumerated() {
      if metrics[index].sums.isEmpty {
        metrics[index].sums = sums
      } else {
        for place in sums.indices { metrics[index].sums[place] += sums[place] }
      }
    }
  }

  var logs: Logs {
    var logs = Logs(["loss": loss.value])
    for (name, mean) in losses { logs.values[name] = mean.value }
    for (metric, sums) in metrics { logs.values[metric.name] = metric.result(sums) }
    return logs
  }
}
