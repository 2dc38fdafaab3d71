/// Rewrites a `training_config` for other readers.
struct TrainingConversion {
  let readers: Readers

  /// What was left out, a sentence each.
  private(set) var notes: [String] = []

  init(readers: Readers) { self.readers = readers }

  mutating func training(_ config: JSON) throws(CheckpointError) -> JSON {
    var config = config
    if let loss = config["loss"] { config["loss"] = self.loss(loss) }
    for key in ["metrics", "weighted_metrics"] {
      if let metrics = config[key] { config[key] = self.metrics(metrics) }
      if readers != .keras3, Self.isSparse(config["loss"]) {
        config[key] = config[key].map(Self.sparseAccuracy)
      }
    }
    // Keras 2 and 3 ask for this key without a default.
    if config["loss_weights"] == nil { config["loss_weights"] = .null }
    if let optimizer = config["optimizer_config"] {
      var conversion = OptimizerConversion(readers: readers)
      config["optimizer_config"] = try conversion.optimizer(optimizer)
      notes += conversion.notes
    }
    return config
  }

  /// A loss, or a list or dictionary of one for each output.
  ///
  /// Keras 3 saves `compile(loss: "mse")` as `"mse"` and cannot load that; the long name says the
  /// same to both.
  private func loss(_ loss: JSON) -> JSON {
    if let name = loss.string { return .string(Self.longNames[name.lowercased()] ?? name) }
    if let losses = loss.array { return .array(losses.map(self.loss)) }
    guard let members = loss.object else { return loss }
    guard loss["class_name"] != nil else { return .object(members.mapValues(self.loss)) }
    var loss = loss
    loss["config"]?["fn"] = nil
    if readers != .keras2, loss["config"]?["reduction"] == "auto" {
      loss["config"]?["reduction"] = "sum_over_batch_size"
    }
    return loss
  }

  /// The metrics: a list, for several outputs a list of lists or a dictionary. Keras 2 writes the
  /// list of the only output in a list.
  private func metrics(_ metrics: JSON) -> JSON {
    switch metrics {
    case .array(let elements):
      if elements.count == 1, case .array(let inner) = elements[0] {
        return .array(inner.map(metric))
      }
      return .array(elements.map { $0.array == nil ? metric($0) : self.metrics($0) })
    case .object(let members) where metrics["class_name"] == nil:
      return .object(members.mapValues { $0.array == nil ? metric($0) : self.metrics($0) })
    default:
      return metric(metrics)
    }
  }

  /// A metric as both generations read it and under the name it had.
  ///
  /// Keras 2 saves each function as a `MeanMetricWrapper`, which Keras 3 takes for a string that it
  /// then calls. `acc` and `accuracy` stay words, which each generation resolves by the shape of the
  /// output; the short name of another function becomes the metric's class under that name, since
  /// Keras 3 cannot load `"mse"`.
  private func metric(_ metric: JSON) -> JSON {
    if let name = metric.string { return named(name, function: name) }
    guard metric["class_name"] == "MeanMetricWrapper",
      let function = metric["config"]?["fn"]?.string
    else { return metric }
    return named(metric["config"]?["name"]?.string ?? function, function: function)
  }

  private func named(_ name: String, function: String) -> JSON {
    let resolved = ["acc", "accuracy", "ce", "crossentropy"]
    if resolved.contains(name) { return .string(name) }
    let long = Self.longNames[function.lowercased()] ?? function
    guard long != name, let metric = Self.metricClass(of: long) else { return .string(name) }
    return ["class_name": .string(metric), "config": ["name": .string(name), "dtype": "float32"]]
  }

  /// Whether labels are the numbers of classes.
  private static func isSparse(_ loss: JSON?) -> Bool {
    let name = loss?.string ?? loss?["class_name"]?.string ?? ""
    return ["sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"].contains(name)
  }

  /// Metrics with the accuracy that such labels have, under the word that stood for it. tf_keras
  /// resolves the word while it loads, by the shape of the outputs and before it has seen labels, and
  /// takes them for one-hot.
  private static func sparseAccuracy(_ metrics: JSON) -> JSON {
    if let elements = metrics.array { return .array(elements.map(sparseAccuracy)) }
    guard let name = metrics.string, ["acc", "accuracy"].contains(name) else { return metrics }
    return [
      "class_name": "SparseCategoricalAccuracy",
      "config": ["name": .string(name), "dtype": "float32"],
    ]
  }

  /// The class of a metric for the name of its function.
  private static func metricClass(of function: String) -> String? {
    switch function {
    case "kl_divergence", "kullback_leibler_divergence": "KLDivergence"
    case "log_cosh", "logcosh": "LogCoshError"
    default:
      longNames.values.contains(function) || function.contains("_")
        ? function.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        : nil
    }
  }

  /// What Keras's short names stand for.
  private static let longNames = [
    "mse": "mean_squared_error", "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy", "kld": "kl_divergence", "cosine": "cosine_similarity",
  ]
}
