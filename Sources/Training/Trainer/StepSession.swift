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
  let labels: TensorType?
  /// Whether samples have weights.
  var hasWeights = false

  /// The place of the first input after the data.
  var settingsIndex: Int { inputs.count + (labels == nil ? 0 : 1) + (hasWeights ? 1 : 0) }
}

/// Runs steps of one kind on batches of one shape.
final class StepSession {
  /// The result of a step of training or testing.
  struct Result {
    let loss: Double
    /// In the order of the metrics.
    let metrics: [Part]
  }

  /// What a batch adds to a metric.
  enum Part {
    case mean(Double)
    case counts([Double])
  }

  private let session: Session
  private let key: StepKey
  private let contents: StepProgram.Contents
  /// What accuracies are counted from.
  private var copies: (labels: Tensor?, predictions: Tensor?)

  /// The numbers of steps between changes of weights for which this session is the one to take.
  var runs: ClosedRange<Int> { session.plan.runs }

  /// The bytes of the values of one run.
  var memoryBytes: Int { session.plan.memoryCount * 4 }

  /// - Parameter runs: the steps to come before a weight changes.
  init(_ key: StepKey, _ trainer: Trainer, runs: Int) throws {
    let program = StepProgram(trainer.graph)
    switch key.kind {
    case .predict: contents = try program.buildPrediction(key)
    case .test: contents = try program.buildTest(key, trainer.compiled(to: "be evaluated"))
    case .train, .accumulate:
      contents = try program.buildTraining(key, trainer.compiled(to: "be trained"))
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
    if key.labels != nil {
      samples.labels?.store(
        rows, into: session.inputBuffer(key.inputs.count), threads: session.plan.threads)
    }
    if key.hasWeights {
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
    // Accuracies are counted here; what is a loss was computed by the program.
    if contents.metrics.contains(where: { $0.loss == nil }) { copyForMetrics() }
    var values: [Part] = []
    for (index, metric) in contents.metrics.enumerated() {
      guard metric.loss == nil, let labels = copies.labels, let predictions = copies.predictions
      else {
        values.append(.mean(scalar(StepProgram.metric(index))))
        continue
      }
      if case .counts(let counts) = metric.function {
        values.append(
          .counts(try metric.counted(counts, labels: labels, predictions: predictions)))
      } else {
        values.append(.mean(try metric.accuracy(labels: labels, predictions: predictions)))
      }
    }
    return Result(loss: scalar(StepProgram.loss), metrics: values)
  }

  /// Copies labels and predictions to where those of the last step were, so that a step takes no memory
  /// for them.
  private func copyForMetrics() {
    session.copyOutput(StepProgram.predictions(0), into: &copies.predictions)
    if let type = key.labels {
      session.inputBuffer(key.inputs.count).copy(into: &copies.labels, type)
    }
  }

  private func scalar(_ output: String) -> Double {
    session.output(output).scalars.doubles.first ?? .nan
  }
}
