import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing
import Training

/// A small review classifier with dropout, and data for it.
private struct Reviews {
  let x: Tensor
  let y: Tensor

  /// Each review is good where it has more words above 10 than below.
  init(_ count: Int = 50, seed: UInt64 = 1) {
    var source = RandomSource(seed: seed)
    let tokens = source.uniform(count * 6, from: 0, to: 20).map { Int32($0) }
    x = Tensor([count, 6], tokens)
    y = Tensor(
      [count],
      (0..<count).map { row -> Float in
        tokens[row * 6..<row * 6 + 6].count { $0 >= 10 } > 3 ? 1 : 0
      })
  }

  static func trainer(
    _ optimizer: any Optimizer = .adam, seed: UInt64 = 5, metrics: [Metric] = [.acc]
  ) throws -> Trainer {
    let graph = try Graph(sequential: [
      Embedding(inputDim: 20, outputDim: 8), Dropout(0.3),
      Conv1D(filters: 8, kernelSize: 3, activation: .relu), GlobalMaxPooling1D(),
      Dense(1, activation: .sigmoid),
    ]).built(inputShapes: [[nil, 6]])
    let variables = Variables()
    try graph.initialise(variables, seed: seed)
    return Trainer(
      graph, variables: variables,
      configuration: TrainingConfiguration(
        optimizer: optimizer, loss: .binaryCrossentropy, metrics: metrics), threads: 2)
  }
}

@Suite struct TrainerTests {
  private let reviews = Reviews()

  private func options(
    epochs: Int, from initialEpoch: Int = 0, seed: UInt64 = 9
  ) -> FitOptions {
    FitOptions(
      batchSize: 8, epochs: epochs, initialEpoch: initialEpoch, seed: seed, verbose: .silent)
  }

  @Test func `The same seed gives the same bits, and another seed others`() throws {
    var weights: [[Tensor]] = []
    for seed: UInt64 in [9, 9, 10] {
      let trainer = try Reviews.trainer()
      try trainer.fit(x: [reviews.x], y: reviews.y, options(epochs: 3, seed: seed))
      weights.append(try trainer.weights)
    }
    #expect(weights[0] == weights[1])
    #expect(weights[0] != weights[2])
  }

  @Test(arguments: [0, 1, 2])
  func `Training that is resumed ends where it would have ended`(kind: Int) throws {
    let optimizer: any Optimizer = [
      Adam(learningRate: 0.01), SGD(momentum: 0.9), RMSprop(momentum: 0.5, centered: true),
    ][kind]
    let whole = try Reviews.trainer(optimizer)
    let history = try whole.fit(x: [reviews.x], y: reviews.y, options(epochs: 4))

    let first = try Reviews.trainer(optimizer)
    try first.fit(x: [reviews.x], y: reviews.y, options(epochs: 2))
    let second = try Reviews.trainer(optimizer, seed: 77)
    try second.setWeights(first.weights)
    try second.setOptimizerSlots(try #require(first.optimizerSlots))
    let rest = try second.fit(x: [reviews.x], y: reviews.y, options(epochs: 4, from: 2))

    #expect(try second.weights == whole.weights)
    #expect(second.optimizerSlots == whole.optimizerSlots)
    #expect(second.iterations == 28)
    #expect(rest.epochs == [2, 3])
    #expect(rest["loss"] == Array(history["loss"].suffix(2)))
  }

  @Test func `A classifier learns`() throws {
    let trainer = try Reviews.trainer(.adam(learningRate: 0.01))
    let test = Reviews(40, seed: 2)
    var options = options(epochs: 40)
    options.validationData = ([test.x], test.y)
    let history = try trainer.fit(x: [reviews.x], y: reviews.y, options)
    #expect(history.names == ["acc", "loss", "val_acc", "val_loss"])
    #expect(history["acc"].last ?? 0 > 0.9)
    #expect(history["loss"].last ?? 1 < history["loss"][0] / 2)
    let logs = try trainer.evaluate(x: [test.x], y: test.y, verbose: .silent)
    #expect(logs["val_loss"] == nil)
    #expect(abs((logs["loss"] ?? 0) - (history["val_loss"].last ?? 1)) < 1e-6)
  }

  @Test func `A split for validation takes the last samples and leaves them out of training`()
    throws
  {
    let split = try Reviews.trainer()
    var options = options(epochs: 1)
    options.shuffle = false
    options.validationSplit = 0.3
    let history = try split.fit(x: [reviews.x], y: reviews.y, options)
    let given = try Reviews.trainer()
    options.validationData = ([reviews.x.rows(35..<50)], reviews.y.rows(35..<50))
    let expected = try given.fit(
      x: [reviews.x.rows(0..<35)], y: reviews.y.rows(0..<35), options)
    #expect(history.values == expected.values)
    #expect(split.iterations == 5)
    options.validationData = nil
    options.validationSplit = 0.99
    #expect(throws: TrainingError.self) {
      try split.fit(x: [reviews.x], y: reviews.y, options)
    }
  }

  @Test func `Predictions do not depend on the size of the batch`() throws {
    let trainer = try Reviews.trainer()
    let one = try trainer.predict(x: [reviews.x], batchSize: 1)[0]
    let many = try trainer.predict(x: [reviews.x], batchSize: 32)[0]
    #expect(one.shape == [50, 1])
    // The order of additions in a matrix product depends on its extents.
    #expect(
      difference(one.scalars.doubles, many.scalars.doubles, relative: 0, absolute: 1e-6) == nil)
  }

  @Test func `A run that is cancelled stops after the batch and tells the callbacks`() throws {
    let trainer = try Reviews.trainer()
    let console = FakeConsole()
    let cancellation = Cancellation()
    var options = options(epochs: 5)
    options.cancellation = cancellation
    options.verbose = .progress
    var ended = 0
    let history = try trainer.fit(
      x: [reviews.x], y: reviews.y, options,
      callbacks: [
        LambdaCallback(
          onTrainEnd: { _, _ in ended += 1 },
          onTrainBatchEnd: { batch, _, context in
            if trainer.iterations == 10 { cancellation.cancel() }
          })
      ], console: console)
    #expect(trainer.iterations == 10)
    #expect(history.wasInterrupted && history.epochs == [0] && ended == 1)
    #expect(console.text.hasSuffix("Epoch 2/5\n"))
  }

  @Test func `Callbacks are called in Keras's order`() throws {
    let trainer = try Reviews.trainer()
    let spy = Spy()
    var options = options(epochs: 1)
    options.batchSize = 25
    options.validationSplit = 0.2
    try trainer.fit(x: [reviews.x], y: reviews.y, options, callbacks: [spy])
    #expect(
      spy.calls == [
        "train begin", "epoch 0 begin", "batch 0 begin", "batch 0 end acc loss", "batch 1 begin",
        "batch 1 end acc loss", "test begin", "test batch 0 begin", "test batch 0 end acc loss",
        "test end acc loss", "epoch 0 end acc loss val_acc val_loss",
        "train end acc loss val_acc val_loss",
      ])
  }

  @Test func `A callback can stop training within an epoch, which is then judged`() throws {
    let trainer = try Reviews.trainer()
    let history = try trainer.fit(
      x: [reviews.x], y: reviews.y, options(epochs: 3),
      callbacks: [
        LambdaCallback(onTrainBatchEnd: { batch, _, context in
          if batch == 1 { context.stopTraining = true }
        })
      ])
    #expect(trainer.iterations == 2)
    #expect(history.epochs == [0])
  }

  @Test func `A callback can change the learning rate`() throws {
    let trainer = try Reviews.trainer(.sgd)
    let before = try trainer.weights
    try trainer.fit(
      x: [reviews.x], y: reviews.y, options(epochs: 1),
      callbacks: [LambdaCallback(onTrainBegin: { $0.model.learningRate = 0 })])
    #expect(try trainer.weights == before)
    #expect(trainer.optimizerSlots?.learningRate == 0)
  }

  @Test func `Early stopping gives back the best weights`() throws {
    let trainer = try Reviews.trainer(.sgd(learningRate: 0.1))
    var seen: [[Tensor]] = []
    try trainer.fit(
      x: [reviews.x], y: reviews.y, options(epochs: 6),
      callbacks: [
        LambdaCallback(
          onEpochEnd: { epoch, _, context in
            seen.append(try context.model.weights)
            if epoch == 1 { context.model.learningRate = 1e4 }
          }),
        EarlyStopping(monitor: "loss", patience: 2, restoreBestWeights: true),
      ], console: FakeConsole())
    #expect(seen.count == 4)
    #expect(try trainer.weights == seen[1])
  }
}

/// Writes down how it is called.
private final class Spy: Callback {
  var calls: [String] = []

  private func names(_ logs: Logs) -> String { logs.names.joined(separator: " ") }

  func onTrainBegin(_ training: TrainingContext) { calls.append("train begin") }
  func onTrainEnd(_ logs: Logs, _ training: TrainingContext) {
    calls.append("train end \(names(logs))")
  }
  func onEpochBegin(_ epoch: Int, _ training: TrainingContext) {
    calls.append("epoch \(epoch) begin")
  }
  func onEpochEnd(_ epoch: Int, _ logs: Logs, _ training: TrainingContext) {
    calls.append("epoch \(epoch) end \(names(logs))")
  }
  func onTrainBatchBegin(_ batch: Int, _ training: TrainingContext) {
    calls.append("batch \(batch) begin")
  }
  func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) {
    calls.append("batch \(batch) end \(names(logs))")
  }
  func onTestBegin(_ training: TrainingContext) { calls.append("test begin") }
  func onTestEnd(_ logs: Logs, _ training: TrainingContext) {
    calls.append("test end \(names(logs))")
  }
  func onTestBatchBegin(_ batch: Int, _ training: TrainingContext) {
    calls.append("test batch \(batch) begin")
  }
  func onTestBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) {
    calls.append("test batch \(batch) end \(names(logs))")
  }
}
