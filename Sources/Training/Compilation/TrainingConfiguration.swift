/// What `compile` decides: how a model is trained and judged.
public import KerasCheckpoint

/// Optimizer, losses and metrics of a model.
public struct TrainingConfiguration: Sendable {
  public var optimizer: any Optimizer
  public var loss: PerOutput<Loss>
  /// What the loss of each output is multiplied by in the sum that is trained; 1 where nothing is said.
  public var lossWeights: PerOutput<Double>?
  public var metrics: PerOutput<[Metric]>
  /// Metrics in which samples count by their weights.
  public var weightedMetrics: PerOutput<[Metric]>

  /// Whether an embedding's gradient is squared and clipped token by token, as in Keras 3 with
  /// TensorFlow, or added up first, as in Keras 1 and 2. Only rules that square and clipping ask.
  public var treatsTokensApart = true

  /// - Parameters:
  ///   - loss: that of the only output, or of each.
  ///   - metrics: those of the only output, or of each.
  public init(optimizer: any Optimizer, loss: Loss, metrics: [Metric] = []) {
    self.init(optimizer: optimizer, loss: .all(loss), metrics: .all(metrics))
  }

  public init(
    optimizer: any Optimizer, loss: PerOutput<Loss>, lossWeights: PerOutput<Double>? = nil,
    metrics: PerOutput<[Metric]> = .all([]), weightedMetrics: PerOutput<[Metric]> = .all([])
  ) {
    self.optimizer = optimizer
    self.loss = loss
    self.lossWeights = lossWeights
    self.metrics = metrics
    self.weightedMetrics = weightedMetrics
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
    // Keras 2 could weigh the steps of each sample, by an option that says no more than that.
    if let mode = config["sample_weight_mode"], Self.isGiven(mode) {
      throw TrainingError(
        .unsupported(option: "sample_weight_mode", value: mode.text, of: "training_config"))
    }
    let isOfKeras3 = Self.isOfKeras3(optimizer)
    func metrics(_ key: String) throws(TrainingError) -> PerOutput<[Metric]> {
      try PerOutput(config: config[key] ?? .null, isFlatInOrder: isOfKeras3)
    }
    let weights = [config["loss_weights"] ?? .null].first(where: Self.isGiven)
    self.init(
      optimizer: try OptimizerCatalogue.optimizer(config: optimizer),
      loss: try PerOutput(config: loss),
      lossWeights: try weights.map { config throws(TrainingError) in try PerOutput(config: config)
      },
      metrics: try metrics("metrics"), weightedMetrics: try metrics("weighted_metrics"))
    treatsTokensApart = isOfKeras3
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
  ///
  /// - Parameter names: the outputs of the model.
  /// - Throws: `TrainingError` where what is said of outputs does not fit these.
  public func trainingConfig(
    for dialect: Dialect, outputs names: [String] = ["output"]
  ) throws(TrainingError) -> JSON {
    let weighted = try weightedMetrics.config(for: names, "weightedMetrics")
    var config: JSON = [
      "optimizer_config": optimizer.config(for: dialect), "loss": try loss.config(for: names),
      "metrics": try metrics.config(for: names, "metrics"),
      "weighted_metrics": weightedMetrics.isEmpty ? .null : weighted,
      "loss_weights": try lossWeights?.config(for: names) ?? .null,
    ]
    if dialect == .keras3 {
      config["run_eagerly"] = false
      config["steps_per_execution"] = 1
      config["jit_compile"] = false
    }
    return config
  }
}

extension PerOutput where Element == [Metric] {
  fileprivate var isEmpty: Bool {
    switch self {
    case .all(let metrics): metrics.isEmpty
    case .inOrder(let lists): lists.allSatisfy { $0?.isEmpty != false }
    case .named(let lists): lists.values.allSatisfy(\.isEmpty)
    }
  }
}
