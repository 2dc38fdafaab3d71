/// The programs of training: a graph with its loss, its gradients and the updates of its weights.
import Engine
import ModelGraph
import Tensors

/// Builds the program of one kind of step.
struct StepProgram {
  /// What a program gives besides the loss.
  struct Contents {
    var outputCount = 1
    /// Resolved for the shapes of the batch.
    var metrics: [Metric] = []
    /// Whether running means of the weights are kept.
    var hasAverages = false
  }

  let builder = ProgramBuilder()
  private let graph: BuiltGraph

  static let loss = "loss"
  static func predictions(_ output: Int) -> String { "predictions/\(output)" }
  static func metric(_ index: Int) -> String { "metric/\(index)" }

  init(_ graph: BuiltGraph) { self.graph = graph }

  func buildPrediction(_ key: StepKey) throws -> Contents {
    let signals = try graph.trace(builder, inputs: inputs(key), mode: .inference)
    for (index, signal) in signals.enumerated() {
      builder.output(Self.predictions(index), signal.value)
    }
    return Contents(outputCount: signals.count)
  }

  func buildTest(_ key: StepKey, _ configuration: TrainingConfiguration) throws -> Contents {
    try buildLoss(key, configuration, .inference).contents
  }

  func buildTraining(_ key: StepKey, _ configuration: TrainingConfiguration) throws -> Contents {
    let (loss, built) = try buildLoss(key, configuration, .training)
    var contents = built
    contents.hasAverages = configuration.optimizer.shared.average != nil
    let settings = builder.input("settings", UpdateSettings.type)
    let trained = graph.trainedVariables
    guard !trained.isEmpty else {
      throw TrainingError(
        .data(name: "The model", expected: "one with weights to train", found: "one without"))
    }
    let parameters = trained.map { builder.state($0.name, $0.spec.shape) }
    let gradients = try builder.gradients(of: loss, withRespectTo: parameters)
      .map { ParameterGradient($0, treatsTokensApart: configuration.treatsTokensApart) }
    try StepUpdates(
      builder, parameters, trained.map(\.spec.constraint), configuration.optimizer, settings
    )
    .build(gradients, accumulatesOnly: key.kind == .accumulate)
    return contents
  }

  private func inputs(_ key: StepKey) -> [Value] {
    key.inputs.enumerated().map { builder.input("x\($0.offset)", $0.element) }
  }

  private func buildLoss(
    _ key: StepKey, _ configuration: TrainingConfiguration, _ mode: Mode
  ) throws -> (loss: Value, contents: Contents) {
    let inputs = inputs(key)
    guard let labelType = key.labels else {
      throw TrainingError(.data(name: "y", expected: "labels", found: "missing"))
    }
    let labels = builder.input("y", labelType)
    let rows = labelType.shape.dimensions.first ?? 0
    let weights = key.hasWeights ? builder.input("weights", TensorType([rows])) : nil
    var penalties: [Value] = []
    let signal = try output(inputs, mode, &penalties)
    var loss = try configuration.loss.value(
      yTrue: labels, yPred: signal.value, weights: weights)
    for penalty in penalties { loss = try loss + penalty }
    if let penalty = try graph.regularizationLoss(builder) { loss = try loss + penalty }
    builder.output(Self.loss, loss)
    builder.output(Self.predictions(0), signal.value)

    let metrics = configuration.namedMetrics.map {
      $0.resolved(labels: labels.shape, predictions: signal.value.shape)
    }
    for (index, metric) in metrics.enumerated() {
      guard let reported = metric.loss else { continue }
      let value = try reported.value(
        yTrue: labels.asLabels(of: reported), yPred: signal.value)
      builder.output(Self.metric(index), value)
    }
    return (loss, Contents(metrics: metrics))
  }

  /// The only output of the model.
  private func output(
    _ inputs: [Value], _ mode: Mode, _ penalties: inout [Value]
  ) throws -> Signal {
    let signals = try graph.trace(builder, inputs: inputs, mode: mode, penalties: &penalties)
    guard signals.count == 1 else {
      throw TrainingError(
        .data(
          name: "The model", expected: "one with one output to be trained or evaluated",
          found: "one with \(signals.count)"))
    }
    guard signals[0].mask == nil else {
      throw TrainingError(
        .unsupported(option: "mask", value: "one that reaches the output", of: "The model"))
    }
    return signals[0]
  }
}

extension Value {
  /// The labels in the type that a loss takes.
  fileprivate func asLabels(of loss: Loss) throws(EngineError) -> Value {
    if loss.function.isSparse, type.dtype == .float32 { return try toInt() }
    if !loss.function.isSparse, type.dtype == .int32 { return try toFloat() }
    return self
  }
}
