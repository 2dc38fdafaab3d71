/// What `compile` decides: how a model is trained and judged.
public import KerasCheckpoint

/// Optimizer, loss and metrics of a model with one output.
public struct TrainingConfiguration: Sendable {
  public var optimizer: any Optimizer
  public var loss: Loss
  public var metrics: [Metric]

  /// Whether an embedding's gradient is squared and clipped token by token, as in Keras 3 with
  /// TensorFlow, or added up first, as in Keras 1 and 2. Only rules that square and clipping ask.
  public var treatsTokensApart = true

  public init(optimizer: any Optimizer, loss: Loss, metrics: [Metric] = []) {
    self.optimizer = optimizer
    self.loss = loss
    self.metrics = metrics
  }

  /// Reads the `training_config` of a checkpoint of any Keras generation.
  ///
  /// - Throws: `TrainingError` for what is not known or not supported.
  public init(trainingConfig config: JSON) throws(TrainingError) {
    // `.keras` files have the optimizer under the shorter key.
    guard let optimizer = config["optimizer_config"] ?? config["optimizer"],
      let loss = config["loss"], !loss.isNull
    else {
      throw TrainingError(
        .configuration(
          of: "training", expected: "\"optimizer_config\" and \"loss\"",
          found: config.object.map { $0.keys.sorted().joined(separator: ", ") }
            ?? config.kindName))
    }
    for key in ["loss_weights", "sample_weight_mode"] {
      if let value = config[key], Self.isGiven(value) {
        throw TrainingError(.unsupported(option: key, value: value.text, of: "training_config"))
      }
    }
    self.init(
      optimizer: try OptimizerCatalogue.optimizer(config: optimizer),
      loss: try Loss(config: loss),
      // Without sample weights the weighted metrics are metrics like the others.
      metrics: try Metric.metrics(config: config["metrics"] ?? .null)
        + Metric.metrics(config: config["weighted_metrics"] ?? .null))
    treatsTokensApart = Self.isOfKeras3(optimizer)
  }

  /// Keras 3 has settings that its forerunners lack; a bare name says nothing, and is taken for today's.
  private static func isOfKeras3(_ optimizer: JSON) -> Bool {
    guard let config = optimizer["config"]?.object, !config.isEmpty else { return true }
    return config["use_ema"] != nil && config["is_legacy_optimizer"] == nil
      && config["jit_compile"] == nil
  }

  private static func isGiven(_ value: JSON) -> Bool {
    !value.isNull && value.array?.allSatisfy(\.isNull) != true && value.object?.isEmpty != true
  }

  /// The `training_config` of a checkpoint of a dialect.
  public func trainingConfig(for dialect: Dialect) -> JSON {
    var config: JSON = [
      "optimizer_config": optimizer.config(for: dialect), "loss": loss.config,
      "metrics": .array(metrics.map(\.config)), "weighted_metrics": .null,
      "loss_weights": .null,
    ]
    if dialect == .keras3 {
      config["run_eagerly"] = false
      config["steps_per_execution"] = 1
      config["jit_compile"] = false
    }
    return config
  }

  /// The metrics under the names of their logs: of two with one name the second gets a number, as in
  /// Keras.
  package var namedMetrics: [Metric] {
    var counts: [String: Int] = [:]
    return metrics.map { metric in
      var metric = metric
      let count = counts[metric.name, default: 0]
      counts[metric.name] = count + 1
      if count > 0 { metric.name += "_\(count)" }
      return metric
    }
  }
}
