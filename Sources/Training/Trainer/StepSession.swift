/// One step on one batch: its program, its plan and its memory.
import Engine
import Kernels
import ModelGraph
import Tensors

/// What a step is for.
enum StepKind: Hashable {
  case train
  /// Training on a batch whose gradients are kept for a later one.
  case accumulate
  case test
  case predict
}

/// What a step's plan depends on.
struct StepKey: Hashable {
  let kind: StepKind
  let inputs: [TensorType]
  /// Output by output; nil where there are none.
  var labels: [TensorType?] = []
  /// nil where samples have none.
  var weights: TensorType?

  /// The place of the first input after the data.
  var settingsIndex: Int {
    inputs.count + labels.count { $0 != nil } + (weights == nil ? 0 : 1)
  }

  /// The place of the labels of an output among the inputs.
  func labelsIndex(_ output: Int) -> Int {
    inputs.count + labels[..<output].count { $0 != nil }
  }
}

/// Runs steps of one kind on batches of one shape.
final class StepSession {
  /// The result of a step of training or testing.
  struct Result {
    let loss: Double
    /// Those of outputs, where there are several.
    let losses: [Double]
    /// What the batch adds to the sums of each metric.
    let metrics: [[Double]]
  }

  private let session: Session
  private let key: StepKey
  private let contents: StepProgram.Contents
  /// What metrics are counted from, by output and by metric.
  private var copies: (labels: [Int: Tensor], predictions: [Int: Tensor], weights: [Int: Tensor]) =
    ([:], [:], [:])

  /// The numbers of steps between changes of weights for which this session is the one to take.
  var runs: ClosedRange<Int> { session.plan.runs }

  /// The bytes of the values of one run.
  var memoryBytes: Int { session.plan.memoryCount * 4 }

  /// - Parameter runs: the steps to come before a weight changes.
  init(_ key: StepKey, _ trainer: Trainer, runs: Int) throws {
    let program = StepProgram(trainer.graph)
    switch key.kind {
    case .predict: contents = try program.buildPrediction(key)
    case .test: contents = try program.buildTest(key, trainer.judgement(to: "be evaluated"))
    case .train, .accumulate:
      contents = try program.buildTraining(
        key, trainer.judgement(to: "be trained"), trainer.compiled(to: "be trained"))
    }
    self.key = key
    session = try Session(
      Plan(program.builder.program, threads: trainer.threads, runs: runs),
      variables: trainer.variables)
  }

  /// Gathers a batch into the inputs.
  func load(_ samples: Samples, _ rows: ArraySlice<Int>) {
    for (index, column) in samples.inputs.enumerated() {
      column.store(rows, into: session.inputBuffer(index), threads: session.plan.threads)
    }
    for (output, column) in samples.labels.enumerated() where !key.labels.isEmpty {
      column?.store(
        rows, into: session.inputBuffer(key.labelsIndex(output)), threads: session.plan.threads)
    }
    if key.weights != nil {
      samples.weights?.store(
        rows, into: session.inputBuffer(key.settingsIndex - 1), threads: session.plan.threads)
    }
  }

  /// What a step of training depends on besides its batch.
  struct Settings {
    /// The number of the batch, from 0. It is also that of the random numbers, so training that is
    /// resumed draws those that it would have drawn.
    var batch: Int
    /// The learning rate, and the number of the update, from 1.
    var rate: Float
    var update: Int
    /// Whether running means of the weights have a past, and whether weights are set to them.
    var averages = (haveBegun: true, overwrite: false)
  }

  /// Runs a step that updates the weights.
  func train(_ settings: Settings, seed: UInt64) throws -> Result {
    let first = key.settingsIndex
    session.inputBuffer(first).store([settings.rate, Float(settings.update)])
    if contents.hasAverages {
      let averages = settings.averages
      session.inputBuffer(first + 1).store([averages.haveBegun ? 1 : 0, averages.overwrite ? 1 : 0])
    }
    try session.run(seed: seed, step: UInt64(settings.batch))
    return try result()
  }

  func test() throws -> Result {
    try session.run()
    return try result()
  }

  func predict() throws -> [Tensor] {
    try session.run()
    return (0..<contents.outputCount).map { session.output(StepProgram.predictions($0)) }
  }

  private func result() throws -> Result {
    // Losses were computed by the program; all else is counted here.
    for output in contents.copied { copyForMetrics(output) }
    var sums: [[Double]] = []
    for (index, reported) in contents.metrics.enumerated() {
      switch reported.part {
      case .sum(let count):
        sums.append([
          scalar(StepProgram.metric(index)), count ?? scalar(StepProgram.metricCount(index)),
        ])
      case .predictions(let isWeighted):
        if isWeighted {
          session.copyOutput(StepProgram.metricWeights(index), into: &copies.weights[index])
        }
        guard let labels = copies.labels[reported.output],
          let predictions = copies.predictions[reported.output]
        else { preconditionFailure("\(reported.metric.name) is counted of what was not copied") }
        sums.append(
          try reported.metric.sums(
            MetricBatch(labels: labels, predictions: predictions, weights: copies.weights[index])))
      }
    }
    return Result(
      loss: scalar(StepProgram.loss), losses: contents.losses.map { scalar(StepProgram.loss($0)) },
      metrics: sums)
  }

  /// Copies labels and predictions of an output to where those of the last step were, so that a step takes
  /// no memory for them.
  private func copyForMetrics(_ output: Int) {
    session.copyOutput(StepProgram.predictions(output), into: &copies.predictions[output])
    if let type = key.labels[output] {
      session.inputBuffer(key.labelsIndex(output)).copy(into: &copies.labels[output], type)
    }
  }

  private func scalar(_ output: String) -> Double {
    session.output(output).scalars.doubles.first ?? .nan
  }
}
