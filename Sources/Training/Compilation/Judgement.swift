/// How a model's outputs are judged, as Keras resolves it from what was compiled.

/// The losses and metrics of a model with known outputs.
///
/// Source: `CompileLoss` and `CompileMetrics` in `keras/src/trainers/compile_utils.py` (Keras 3.15.1).
struct Judgement: Sendable {
  struct Output: Sendable {
    /// nil for an output that is not trained.
    var loss: Loss?
    /// What the loss is multiplied by in the sum.
    var weight: Double
    /// The name under which the loss is logged, without its weight; nil for the only loss.
    var logName: String?
  }

  /// A metric of an output, under the name of its logs.
  struct Reported: Sendable {
    var metric: Metric
    let output: Int
    /// Whether samples count by their weights.
    let isWeighted: Bool
  }

  private(set) var outputs: [Output]
  /// In Keras's order: output by output, and then those that are weighted.
  private(set) var metrics: [Reported] = []

  /// - Parameter names: those of the outputs.
  /// - Throws: `TrainingError` where what is said of outputs does not fit these.
  init(_ configuration: TrainingConfiguration, outputs names: [String]) throws(TrainingError) {
    let losses = try configuration.loss.values(for: names, "loss")
    let weights = try configuration.lossWeights?.values(for: names, "lossWeights")
    guard losses.contains(where: { $0 != nil }) else {
      throw TrainingError(
        .data(name: "loss", expected: "that of an output at least", found: "none"))
    }
    let areSeveral = losses.count { $0 != nil } > 1
    outputs = names.indices.map { place in
      Output(
        loss: losses[place], weight: (weights?[place] ?? nil) ?? 1,
        logName: areSeveral && losses[place] != nil ? names[place] + "_loss" : nil)
    }
    var counts: [String: Int] = [:]
    for (lists, isWeighted) in [
      (try configuration.metrics.metrics(for: names, "metrics"), false),
      (try configuration.weightedMetrics.metrics(for: names, "weightedMetrics"), true),
    ] {
      for (place, list) in lists.enumerated() {
        let prefix = names.count > 1 ? names[place] + "_" : ""
        for metric in list {
          var metric = metric
          metric.name = Self.uniqueName(metric.name, prefix, isWeighted, &counts)
          metrics.append(Reported(metric: metric, output: place, isWeighted: isWeighted))
        }
      }
    }
  }

  /// Whether an output is looked at at all.
  func needsLabels(_ output: Int) -> Bool {
    outputs[output].loss != nil || metrics.contains { $0.output == output }
  }

  /// Of two metrics with one name the second gets a number, and one that is weighted first that word.
  private static func uniqueName(
    _ name: String, _ prefix: String, _ isWeighted: Bool, _ counts: inout [String: Int]
  ) -> String {
    // Files of Keras 2 have names that begin with that of the output.
    let name = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    var unique = prefix + name
    if isWeighted, counts[unique] != nil { unique = prefix + "weighted_" + name }
    let count = counts[unique, default: 0]
    counts[unique] = count + 1
    return count == 0 ? unique : "\(unique)_\(count)"
  }
}
