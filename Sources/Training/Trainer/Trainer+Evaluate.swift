/// Evaluating and predicting, batch by batch.
import ModelGraph
public import Tensors

extension Trainer {
  /// The loss and the metrics on `x` and `y`; Keras's list has the loss first and then the metrics in
  /// the order of `configuration`.
  ///
  /// - Parameters:
  ///   - sampleWeight: how much each sample counts; nil for all the same.
  ///   - steps: the batches, from the first; nil for all.
  /// - Throws: as `fit`.
  public func evaluate(
    x: any ModelData, y: any ModelData, batchSize: Int = 32, sampleWeight: [Float]? = nil,
    steps: Int? = nil, verbose: Verbosity = .progress, callbacks: [any Callback] = [],
    model: (any TrainableModel)? = nil, console: any Console = StandardConsole(),
    cancellation: Cancellation? = nil
  ) throws -> Logs {
    let judgement = try judgement(to: "be evaluated")
    var samples = try Samples(graph, inputs: x, labels: y, judgement)
    if let sampleWeight { samples = try samples.weighted(sampleWeight) }
    let batchSize = try checked(batchSize)
    let batches = samples.batchCount(batchSize, atMost: steps)
    let context = TrainingContext(
      model: model ?? UnsavedModel(self), epochs: 1, steps: batches,
      metrics: judgement.metrics.map(\.metric), console: console, clock: secondsNow)
    let all = callbacks + (verbose == .silent ? [] : [ProgressLogger(verbose)])
    let logs = try test(
      samples, judgement, batchSize: batchSize, steps: steps, all, context, cancellation)
    guard let logs else { throw CancellationError() }
    return logs
  }

  /// - Returns: nil where it was cancelled.
  func test(
    _ samples: Samples, _ judgement: Judgement, batchSize: Int, steps: Int?,
    _ callbacks: [any Callback], _ context: TrainingContext, _ cancellation: Cancellation?
  ) throws -> Logs? {
    for callback in callbacks { try callback.onTestBegin(context) }
    var means = EpochMeans(judgement)
    let order = Array(
      0..<min(samples.count, samples.batchCount(batchSize, atMost: steps) * batchSize))
    var sessions = PassSessions(self, .test, samples)
    for (batch, start) in stride(from: 0, to: order.count, by: batchSize).enumerated() {
      for callback in callbacks { try callback.onTestBatchBegin(batch, context) }
      let rows = order[start..<min(start + batchSize, order.count)]
      let session = try sessions.session(rows: rows.count)
      session.load(samples, rows)
      do { means.add(try session.test(), samples: rows.count) } catch {
        throw samples.located(error, in: rows)
      }
      let logs = means.logs
      for callback in callbacks { try callback.onTestBatchEnd(batch, logs, context) }
      if cancellation?.isCancelled == true { return nil }
    }
    let logs = means.logs
    for callback in callbacks { try callback.onTestEnd(logs, context) }
    return logs
  }

  /// The outputs for `x`, all rows together: one tensor per output of the model.
  ///
  /// - Throws: as `fit`.
  public func predict(
    x: any ModelData, batchSize: Int = 32, verbose: Verbosity = .silent,
    callbacks: [any Callback] = [], console: any Console = StandardConsole()
  ) throws -> [Tensor] {
    let samples = try Samples(graph, inputs: x)
    let batchSize = try checked(batchSize)
    let context = TrainingContext(
      model: UnsavedModel(self), epochs: 1, steps: samples.batchCount(batchSize),
      metrics: [], console: console, clock: secondsNow)
    let all = callbacks + (verbose == .silent ? [] : [ProgressLogger(verbose)])
    for callback in all { try callback.onPredictBegin(context) }
    var outputs: [(rowShape: [Int], values: [Float])] = []
    let order = Array(0..<samples.count)
    var sessions = PassSessions(self, .predict, samples)
    for (batch, start) in stride(from: 0, to: order.count, by: batchSize).enumerated() {
      for callback in all { try callback.onPredictBatchBegin(batch, context) }
      let rows = order[start..<min(start + batchSize, order.count)]
      let part = try sessions.rowsAtOnce(in: rows.count)
      for first in stride(from: rows.startIndex, to: rows.endIndex, by: part) {
        let rows = rows[first..<min(first + part, rows.endIndex)]
        let session = try sessions.session(rows: rows.count)
        session.load(samples, rows)
        let results: [Tensor]
        do { results = try session.predict() } catch { throw samples.located(error, in: rows) }
        if outputs.isEmpty {
          outputs = results.map { (Array($0.shape.dimensions.dropFirst()), []) }
        }
        for (place, result) in results.enumerated() {
          outputs[place].values += result.scalars.floats
        }
      }
      for callback in all { try callback.onPredictBatchEnd(batch, context) }
    }
    for callback in all { try callback.onPredictEnd(context) }
    return outputs.map { Tensor(Shape([samples.count] + $0.rowShape), $0.values) }
  }

  private func checked(_ batchSize: Int) throws(TrainingError) -> Int {
    guard batchSize > 0 else {
      throw TrainingError(
        .data(name: "batchSize", expected: "1 or more", found: "\(batchSize)"))
    }
    return batchSize
  }
}

/// The sessions of one pass over samples, in which no weight changes.
private struct PassSessions {
  private let trainer: Trainer
  private let kind: StepKind
  private let samples: Samples
  /// That of the last batch: all but the last are of one size.
  private var current: (rows: Int, session: StepSession)?

  init(_ trainer: Trainer, _ kind: StepKind, _ samples: Samples) {
    self.trainer = trainer
    self.kind = kind
    self.samples = samples
  }

  /// How many rows of a batch to run at once, where the results do not depend on it: a batch whose values
  /// are more than the caches hold is run in parts, since what one layer leaves is then still near when
  /// the next reads it.
  mutating func rowsAtOnce(in batch: Int) throws -> Int {
    // The states between two batches belong to rows of the whole.
    guard batch > Self.part, !trainer.graph.isStateful else { return batch }
    let bytes = try session(rows: Self.part).memoryBytes / Self.part * batch
    return bytes > Self.cachedBytes ? Self.part : batch
  }

  /// Rows that keep every thread busy, and more than which no layer gains much from.
  private static let part = 32
  private static let cachedBytes = 1 << 24

  /// - Throws: where the model does not fit the samples.
  mutating func session(rows: Int) throws -> StepSession {
    if let current, current.rows == rows { return current.session }
    let session = try trainer.session(
      samples.key(kind, rows: rows), runs: (samples.count + rows - 1) / rows)
    current = (rows, session)
    return session
  }
}
