import Engine
import ModelGraph
import Tensors
import Testing
import Training

/// Evaluating and predicting many samples, for which products are looked up, and few, for which they
/// are not.
@Suite struct ScoringTests {
  private static let rows = 70
  private let x = Self.tokens(rows: rows, seed: 1)
  private let y = Tensor([rows], (0..<rows).map { Float($0 % 3 == 0 ? 1 : 0) })

  private static func tokens(rows: Int, seed: UInt64) -> Tensor {
    var source = RandomSource(seed: seed)
    return Tensor([rows, 6], source.uniform(rows * 6, from: 0, to: 40).map { Int32($0) })
  }

  private func trainer(seed: UInt64 = 5) throws -> Trainer {
    let graph = try Graph(sequential: [
      Embedding(inputDim: 40, outputDim: 16), Dropout(0.3),
      Conv1D(filters: 24, kernelSize: 3, activation: .relu), GlobalMaxPooling1D(),
      Dense(8, activation: .relu), Dense(1, activation: .sigmoid),
    ]).built(inputShapes: [[nil, 6]])
    let variables = Variables()
    try graph.initialise(variables, seed: seed)
    return Trainer(
      graph, variables: variables,
      configuration: TrainingConfiguration(
        optimizer: .adam(learningRate: 0.01), loss: .binaryCrossentropy, metrics: [.acc, .mse]),
      threads: 2)
  }

  private func predict(_ trainer: Trainer, _ rows: Range<Int>) throws -> [Float] {
    try trainer.predict(x: [x.rows(rows)])[0].scalars.floats
  }

  /// 70 samples of 6 tokens repay a table of 40 rows; 7 do not.
  private func predictByParts(_ trainer: Trainer) throws -> [Float] {
    try stride(from: 0, to: Self.rows, by: 7).flatMap { try predict(trainer, $0..<$0 + 7) }
  }

  private func expectSame(_ found: [Float], _ expected: [Float], _ what: String) {
    #expect(found.count == expected.count)
    let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 1e-6, "\(what): off by \(worst)")
  }

  @Test func `Samples get the same prediction alone and among many`() throws {
    let trainer = try trainer()
    let all = try predict(trainer, 0..<Self.rows)
    expectSame(all, try predictByParts(trainer), "70 samples")
    #expect(Set(all).count > 30)
  }

  @Test func `New weights are seen by the next prediction, however they came`() throws {
    let trainer = try trainer()
    let before = try predict(trainer, 0..<Self.rows)
    try trainer.setWeights(try self.trainer(seed: 6).weights)
    let set = try predict(trainer, 0..<Self.rows)
    expectSame(set, try predictByParts(trainer), "after weights were set")
    #expect(set != before)
    try trainer.fit(x: [x], y: y, FitOptions(epochs: 1, seed: 1, verbose: .silent))
    let trained = try predict(trainer, 0..<Self.rows)
    expectSame(trained, try predictByParts(trainer), "after training")
    #expect(trained != set)
  }

  @Test func `Validation in training gives what evaluating gives, epoch by epoch`() throws {
    let trainer = try trainer()
    var options = FitOptions(epochs: 1, seed: 1, validationData: ([x], y), verbose: .silent)
    var losses: [Double] = []
    for epoch in 0..<3 {
      (options.initialEpoch, options.epochs) = (epoch, epoch + 1)
      let history = try trainer.fit(x: [x], y: y, options)
      let logs = try trainer.evaluate(x: [x], y: y, verbose: .silent)
      for name in ["loss", "acc", "mse"] {
        let difference = try #require(history["val_" + name].last) - #require(logs[name])
        #expect(abs(difference) < 1e-9, "\(name) of epoch \(epoch)")
      }
      losses.append(try #require(logs["loss"]))
    }
    #expect(Set(losses).count == 3)
  }

  @Test(arguments: [1, 8, 32, 70, 1000])
  func `The loss and the metrics do not depend on the batch`(batchSize: Int) throws {
    let trainer = try trainer()
    let logs = try trainer.evaluate(x: [x], y: y, batchSize: batchSize, verbose: .silent)
    let expected = try trainer.evaluate(x: [x], y: y, batchSize: 35, verbose: .silent)
    for name in ["loss", "acc", "mse"] {
      #expect(abs(try #require(logs[name]) - #require(expected[name])) < 1e-6, "\(name)")
    }
  }

  @Test func `A token outside the vocabulary is located among many samples`() throws {
    let trainer = try trainer()
    guard case .int32(var tokens) = x.scalars else { return }
    tokens[65 * 6 + 4] = 40
    let bad = Tensor(x.shape, tokens)
    let expected = TrainingError(.token(row: 65, position: 4, value: 40, vocabulary: 40))
    #expect(throws: expected) { try trainer.predict(x: [bad]) }
    #expect(throws: expected) { try trainer.evaluate(x: [bad], y: y, verbose: .silent) }
  }
}
