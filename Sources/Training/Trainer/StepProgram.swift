/// The programs of training: a graph with its loss, its gradients and the updates of its weights.
import Engine
import ModelGraph
import Tensors

/// Builds the program of one kind of step.
struct StepProgram {
  /// What a program gives besides the loss.
  struct Contents {
    var outputCount = 1
    var metrics: [ReportedMetric] = []
    /// The outputs whose own losses are given.
    var losses: [Int] = []
    /// The outputs of which metrics are counted outside of the program.
    var copied: [Int] = []
    /// Whether running means of the weights are kept.
    var hasAverages = false
  }

  /// A metric, resolved for the shapes of the batch, and what the program gives of it.
  struct ReportedMetric {
    enum Part {
      /// The sum over a batch, and the number of what was added up, nil where that is an output too.
      case sum(count: Double?)
      /// Labels and predictions, and where `isWeighted` how much each sample, or step of one, counts.
      case predictions(isWeighted: Bool)
    }

    let metric: Metric
    let output: Int
    let part: Part
  }

  let builder = ProgramBuilder()
  private let graph: BuiltGraph

  static let loss = "loss"
  static func predictions(_ output: Int) -> String { "predictions/\(output)" }
  static func loss(_ output: Int) -> String { "loss/\(output)" }
  static func metric(_ index: Int) -> String { "metric/\(index)" }
  static func metricCount(_ index: Int) -> String { "metric/\(index)/count" }
  static func metricWeights(_ index: Int) -> String { "metric/\(index)/weights" }

  init(_ graph: BuiltGraph) { self.graph = graph }

  func buildPrediction(_ key: StepKey) throws -> Contents {
    let signals = try graph.trace(builder, inputs: inputs(key), mode: .inference)
    for (index, signal) in signals.enumerated() {
      builder.output(Self.predictions(index), signal.value)
    }
    return Contents(outputCount: signals.count)
  }

  func buildTest(_ key: StepKey, _ judgement: Judgement) throws -> Contents {
    try buildLoss(key, judgement, .inference).contents
  }

  func buildTraining(
    _ key: StepKey, _ judgement: Judgement, _ configuration: TrainingConfiguration
  ) throws -> Contents {
    let (loss, built) = try buildLoss(key, judgement, .training)
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
    _ key: StepKey, _ judgement: Judgement, _ mode: Mode
  ) throws -> (loss: Value, contents: Contents) {
    var penalties: [Value] = []
    let inputs = inputs(key)
    let labels = key.labels.enumerated().map { place, type in
      type.map { builder.input("y\(place)", $0) }
    }
    let weights = key.weights.map { builder.input("weights", $0) }
    let signals = try graph.trace(builder, inputs: inputs, mode: mode, penalties: &penalties)
    guard signals.count == judgement.outputs.count else {
      throw TrainingError(
        .data(
          name: "The model", expected: "one with \(judgement.outputs.count) outputs to be judged",
          found: "one with \(signals.count)"))
    }
    var contents = Contents()
    var terms: [Value] = []
    // Of a loss that is not reduced Keras reports the mean and trains the sum.
    var trainedCount = 1
    for (place, output) in judgement.outputs.enumerated() {
      guard let loss = output.loss else { continue }
      let (value, count) = try loss.evaluated(
        yTrue: given(labels[place], place), yPred: signals[place].value, weights: weights,
        mask: signals[place].mask)
      if loss.reduction == .none { trainedCount = max(trainedCount, count) }
      if output.logName != nil {
        builder.output(Self.loss(place), value)
        contents.losses.append(place)
      }
      terms.append(output.weight == 1 ? value : try value.scaled(by: Float(output.weight)))
    }
    if let penalty = try graph.regularizationLoss(builder) { penalties.append(penalty) }
    var loss = terms[0]
    for term in terms.dropFirst() + penalties { loss = try loss + term }
    builder.output(Self.loss, loss)
    for (index, reported) in judgement.metrics.enumerated() {
      let place = reported.output
      let metric = try build(
        reported, index, labels: given(labels[place], place), signals[place],
        weights: reported.isWeighted ? weights : nil)
      contents.metrics.append(metric)
      if case .predictions = metric.part, !contents.copied.contains(place) {
        builder.output(Self.predictions(place), signals[place].value)
        contents.copied.append(place)
      }
    }
    return (trainedCount == 1 ? loss : try loss.scaled(by: Float(trainedCount)), contents)
  }

  private func given(_ labels: Value?, _ output: Int) throws(TrainingError) -> Value {
    guard let labels else {
      throw TrainingError(
        .data(name: "y", expected: "labels for output \(output)", found: "missing"))
    }
    return labels
  }

  private func build(
    _ reported: Judgement.Reported, _ index: Int, labels: Value, _ signal: Signal, weights: Value?
  ) throws -> ReportedMetric {
    let metric = reported.metric.resolved(labels: labels.shape, predictions: signal.value.shape)
    let mask = metric.countsMask ? signal.mask : nil
    let part: ReportedMetric.Part
    if let loss = metric.loss {
      let (sum, count, staticCount) = try loss.sum(
        yTrue: labels.asLabels(of: loss), yPred: signal.value, weights: weights, mask: mask)
      builder.output(Self.metric(index), sum)
      if let count { builder.output(Self.metricCount(index), count) }
      part = .sum(count: count == nil ? Double(staticCount) : nil)
    } else {
      let factors = try Value.product(weights, mask)
      if let factors { builder.output(Self.metricWeights(index), factors) }
      part = .predictions(isWeighted: factors != nil)
    }
    return ReportedMetric(metric: metric, output: reported.output, part: part)
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
