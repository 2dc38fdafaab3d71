import Engine
import KerasCheckpoint
import ModelGraph
import Tensors
import Testing
import Training

@Suite struct TrainerErrorTests {
  private func trainer(
    _ loss: Loss = .binaryCrossentropy, outputs: Int = 1, rate: Double = 0.1
  ) throws -> Trainer {
    let graph = try Graph(sequential: [
      Embedding(inputDim: 10, outputDim: 4), GlobalMaxPooling1D(), Dense(outputs),
    ]).built(inputShapes: [[nil, 3]])
    let variables = Variables()
    try graph.initialise(variables, seed: 1)
    return Trainer(
      graph, variables: variables,
      configuration: TrainingConfiguration(
        optimizer: .sgd(learningRate: rate), loss: loss, metrics: []), threads: 1)
  }

  private func tokens(_ values: [Int32]) -> Tensor { Tensor([values.count / 3, 3], values) }

  private let quiet = FitOptions(batchSize: 2, shuffle: true, seed: 4, verbose: .silent)

  @Test func `A token outside the vocabulary is told by its place in the data`() throws {
    let x = tokens([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 10, 2, 0, 0, 0])
    let y = Tensor([5], [0, 1, 0, 1, 0] as [Float])
    let expected = TrainingError(.token(row: 3, position: 1, value: 10, vocabulary: 10))
    let trainer = try trainer()
    #expect(throws: expected) { try trainer.fit(x: [x], y: y, quiet) }
    #expect(throws: expected) { try trainer.evaluate(x: [x], y: y, verbose: .silent) }
    #expect(throws: expected) { try trainer.predict(x: [x], batchSize: 3) }
    #expect(
      expected.description
        == "Token 10 at position 1 of row 3 is outside the vocabulary of 10; "
        + "load the data with at most 10 words.")
  }

  @Test func `A loss that is no number is told of once, and training goes on`() throws {
    let trainer = try trainer(.mse, rate: 1e30)
    let console = FakeConsole()
    let x = tokens([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3])
    let y = Tensor([4], [5, 1, 0, 1] as [Float])
    var options = quiet
    options.epochs = 3
    let history = try trainer.fit(x: [x], y: y, options, console: console)
    #expect(history.epochs == [0, 1, 2])
    #expect(!(history["loss"].last ?? 0).isFinite)
    #expect(console.warnings.count == 1)
    #expect(console.warnings.first?.hasPrefix("The loss became ") == true)
  }

  @Test func `A loss that is no number ends training where that is asked for`() throws {
    let trainer = try trainer(.mse, rate: 1e30)
    var options = quiet
    options.epochs = 3
    options.nonFiniteLoss = .fail
    let error = #expect(throws: TrainingError.self) {
      try trainer.fit(
        x: [tokens([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3])],
        y: Tensor([4], [5, 1, 0, 1] as [Float]), options)
    }
    guard case .nonFiniteLoss(let epoch, let batch, let loss) = error?.kind else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(epoch * 2 + batch >= 1 && !loss.isFinite)
  }

  @Test func `A model of which nothing good came is not saved as the best`() throws {
    let trainer = try trainer(.mse, rate: 1e30)
    let model = FakeModel()
    var options = quiet
    options.epochs = 2
    try trainer.fit(
      x: [tokens([1, 2, 3, 4, 5, 6])], y: Tensor([2], [.nan, 1]), options,
      callbacks: [ModelCheckpoint("m.h5", monitor: "loss", saveBestOnly: true)], model: model,
      console: FakeConsole())
    #expect(model.saved.isEmpty)
  }

  @Test func `A label that is no class is refused with its row`() throws {
    let trainer = try trainer(.sparseCategoricalCrossentropy(fromLogits: true), outputs: 4)
    let x = tokens([1, 2, 3, 4, 5, 6])
    #expect(throws: TrainingError(.label(row: 1, value: "4", classes: 4))) {
      try trainer.fit(x: [x], y: Tensor([2], [3, 4] as [Int32]), quiet)
    }
    #expect(throws: TrainingError(.label(row: 0, value: "-1", classes: 4))) {
      try trainer.fit(x: [x], y: Tensor([2], [-1, 0] as [Float]), quiet)
    }
  }

  @Test func `Data that does not fit is refused`() throws {
    let trainer = try trainer()
    let x = tokens([1, 2, 3, 4, 5, 6])
    let y = Tensor([2], [0, 1] as [Float])
    #expect(throws: TrainingError.self) {
      try trainer.fit(x: [x], y: Tensor([3], [0, 1, 0] as [Float]), quiet)
    }
    #expect(throws: TrainingError.self) { try trainer.fit(x: [x, x], y: y, quiet) }
    #expect(throws: TrainingError.self) {
      try trainer.fit(x: [Tensor([0, 3], [Int32]())], y: Tensor([0], [Float]()), quiet)
    }
    #expect(throws: TrainingError.self) {
      try trainer.fit(x: [x], y: Tensor([2, 3], [Float](repeating: 0, count: 6)), quiet)
    }
    #expect(throws: TrainingError.self) {
      try trainer.fit(x: [Tensor([2, 3], [1, 2, 3, 4, 5, .nan])], y: y, quiet)
    }
    var options = quiet
    options.batchSize = 0
    #expect(throws: TrainingError.self) { try trainer.fit(x: [x], y: y, options) }
    #expect(throws: ModelGraphError.self) {
      try trainer.fit(x: [Tensor([2, 4], [Int32](repeating: 1, count: 8))], y: y, quiet)
    }
  }

  @Test func `A model that is not compiled only predicts`() throws {
    let compiled = try trainer()
    let trainer = Trainer(compiled.graph, variables: compiled.variables, threads: 1)
    let x = tokens([1, 2, 3])
    #expect(throws: TrainingError(.notCompiled(action: "be trained"))) {
      try trainer.fit(x: [x], y: Tensor([1], [1 as Float]), quiet)
    }
    #expect(try trainer.predict(x: [x])[0].shape == [1, 1])
  }

  @Test func `An optimizer's state of another model is refused and changes nothing`() throws {
    let trainer = try trainer()
    trainer.compile(TrainingConfiguration(optimizer: .adam, loss: .mse))
    let before = trainer.optimizerSlots
    #expect(throws: TrainingError.self) {
      try trainer.setOptimizerSlots(OptimizerSlots(iterations: 3, slots: []))
    }
    var wrong = try #require(before)
    wrong.slots[1][.velocity] = Tensor([1], [0 as Float])
    #expect(throws: TrainingError.self) { try trainer.setOptimizerSlots(wrong) }
    #expect(trainer.optimizerSlots == before)
  }
}
