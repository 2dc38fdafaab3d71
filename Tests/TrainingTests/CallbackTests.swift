import Foundation
import Tensors
import Testing
import Training

@Suite struct CallbackTests {
  private func run(
    _ stopping: EarlyStopping, _ values: [Double], model: FakeModel = FakeModel(),
    console: FakeConsole = FakeConsole()
  ) throws -> Int {
    let context = TrainingContext.fake(model: model, console: console)
    stopping.onTrainBegin(context)
    var count = 0
    for (epoch, value) in values.enumerated() {
      model.weights = [Tensor([1], [Float(epoch)])]
      try stopping.onEpochEnd(epoch, ["val_loss": value], context)
      count += 1
      if context.stopTraining { break }
    }
    try stopping.onTrainEnd([:], context)
    return count
  }

  @Test func `A NaN is no improvement and does not spoil the best`() throws {
    let stopping = EarlyStopping(patience: 2, restoreBestWeights: true)
    let model = FakeModel()
    #expect(try run(stopping, [.nan, 0.5, .nan, 0.4, .nan, .nan, 0.1], model: model) == 6)
    #expect(model.weights == [Tensor([1], [3 as Float])])
  }

  @Test func `Early stopping warns of a name that is not logged and goes on`() throws {
    let console = FakeConsole()
    let stopping = EarlyStopping(monitor: "val_acc")
    #expect(try run(stopping, [1, 2], console: console) == 2)
    #expect(
      console.warnings[0]
        == "Early stopping conditioned on metric `val_acc` which is not available. "
        + "Available metrics are: val_loss")
  }

  @Test func `A monitor whose direction is unknown is refused`() {
    let stopping = EarlyStopping(monitor: "val_f1")
    #expect(throws: TrainingError(.monitorDirection(callback: "EarlyStopping", monitor: "val_f1")))
    {
      try stopping.onEpochEnd(0, ["val_f1": 1], .fake())
    }
  }

  @Test func `A checkpoint says what Keras says`() throws {
    let console = FakeConsole()
    let model = FakeModel()
    let context = TrainingContext.fake(model: model, console: console)
    let checkpoint = ModelCheckpoint(
      "best_model.h5", monitor: "val_acc", mode: .max, saveBestOnly: true, verbose: 1)
    try checkpoint.onTrainBegin(context)
    for (epoch, value) in [0.874, 0.88028, 0.7, .nan, 0.88028].enumerated() {
      try checkpoint.onEpochEnd(epoch, ["val_acc": value], context)
    }
    #expect(
      console.text == """
        Epoch 1: val_acc improved from -inf to 0.87400, saving model to best_model.h5
        Epoch 2: val_acc improved from 0.87400 to 0.88028, saving model to best_model.h5
        Epoch 3: val_acc did not improve from 0.88028
        Epoch 4: val_acc did not improve from 0.88028
        Epoch 5: val_acc did not improve from 0.88028

        """)
    #expect(model.saved == ["best_model.h5", "best_model.h5"])
    #expect(checkpoint.best == 0.88028)
  }

  @Test func `A message ends the progress line that is open`() throws {
    let console = FakeConsole(isTerminal: true)
    console.write("\r1/4")
    try ModelCheckpoint("m.h5", verbose: 1).onEpochEnd(0, [:], .fake(console: console))
    #expect(console.text == "\r1/4\nEpoch 1: saving model to m.h5\n")
  }

  @Test func `A checkpoint fills in the epoch and what is logged`() throws {
    let model = FakeModel()
    let context = TrainingContext.fake(model: model)
    let folder = FileManager.default.temporaryDirectory.path
    let checkpoint = ModelCheckpoint(folder + "/{epoch:02d}-{val_loss:.2f}.h5")
    try checkpoint.onEpochEnd(8, ["val_loss": 0.256], context)
    #expect(model.saved == [folder + "/09-0.26.h5"])
  }

  @Test(arguments: [
    ("{epoch}", "3"), ("{epoch:03d}", "003"), ("{loss}", "0.1"), ("{loss:.3f}", "0.100"),
    ("{loss:8.3f}", "   0.100"), ("{{{epoch}}}", "{3}"), ("{loss:.1e}", "1.0e-01"),
    ("{gain:06.1f}", "-002.5"), ("plain", "plain"),
  ])
  func `A path is formatted as Python formats it`(template: String, expected: String) throws {
    #expect(
      try PathTemplate(template).filled(epoch: 2, ["loss": 0.1, "gain": -2.5]) == expected)
  }

  @Test(arguments: ["{val_acc}", "{epoch", "}", "{loss:d}", "{loss:x}"])
  func `A path that cannot be filled is refused`(template: String) {
    #expect(throws: TrainingError.self) {
      try PathTemplate(template).filled(epoch: 2, ["loss": 0.1])
    }
  }

  @Test func `A checkpoint of another ending is refused before training`() {
    #expect(throws: TrainingError.self) { try ModelCheckpoint("m.txt").onTrainBegin(.fake()) }
    #expect(throws: TrainingError.self) {
      try ModelCheckpoint("m.h5", saveWeightsOnly: true).onTrainBegin(.fake())
    }
  }

  @Test func `Training is ended by a loss that is no number`() throws {
    let console = FakeConsole()
    let context = TrainingContext.fake(console: console)
    try TerminateOnNaN().onTrainBatchEnd(7, ["loss": .infinity], context)
    #expect(context.stopTraining)
    #expect(console.text == "Batch 7: Invalid loss, terminating training\n")
    #expect(throws: TrainingError(.nonFiniteLoss(epoch: 0, batch: 7, loss: .infinity))) {
      try TerminateOnNaN(raiseError: true).onTrainBatchEnd(7, ["loss": .infinity], context)
    }
  }

  @Test func `A CSV log has a line for each epoch, as Python writes it`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: path) }
    let context = TrainingContext.fake()
    for (number, append) in [(0, false), (1, true)] {
      let logger = CSVLogger(path.path, append: append)
      try logger.onTrainBegin(context)
      try logger.onEpochEnd(number, ["loss": 0.5, "acc": 1], context)
    }
    #expect(
      try String(contentsOf: path, encoding: .utf8)
        == "epoch,acc,loss,val_acc,val_loss\r\n0,1.0,0.5,NA,NA\r\n1,1.0,0.5,NA,NA\r\n")
  }

  @Test func `A CSV log has the separator that was asked for, and begins anew`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: path) }
    for _ in 0..<2 {
      let logger = CSVLogger(path.path, separator: ";")
      try logger.onTrainBegin(.fake())
      try logger.onEpochEnd(0, ["loss": 0.25, "val_loss": .nan], .fake())
      try logger.onEpochEnd(1, ["loss": 0.125], .fake())
    }
    #expect(
      try String(contentsOf: path, encoding: .utf8)
        == "epoch;loss;val_loss\r\n0;0.25;nan\r\n1;0.125;NA\r\n")
  }

  @Test func `A checkpoint is saved every so many batches, across epochs`() throws {
    let model = FakeModel()
    let context = TrainingContext.fake(model: model)
    let folder = FileManager.default.temporaryDirectory.path
    let checkpoint = ModelCheckpoint(
      folder + "/{epoch}-{batch:02d}.h5", saveFreq: .batches(3))
    for epoch in 0..<2 {
      checkpoint.onEpochBegin(epoch, context)
      for batch in 0..<4 { try checkpoint.onTrainBatchEnd(batch, ["loss": 1], context) }
      try checkpoint.onEpochEnd(epoch, ["loss": 1], context)
    }
    #expect(model.saved == [folder + "/1-03.h5", folder + "/2-02.h5"])
  }

  @Test func `The learning rate waits for a number, and is not lowered below its bound`() throws {
    let model = FakeModel()
    let context = TrainingContext.fake(model: model)
    let callback = ReduceLROnPlateau(factor: 0.1, patience: 2, minLR: 0.005)
    callback.onTrainBegin(context)
    // NaN is never the best: 0.5 is better than it in the second epoch, and 0.4 in the fourth.
    for (epoch, value) in [.nan, 0.5, .nan, 0.4, .nan, .nan, 0.4, 0.4, 0.4, 0.4].enumerated() {
      try callback.onEpochEnd(epoch, ["val_loss": value], context)
      if epoch == 4 { #expect(model.learningRate == 0.1) }
      if epoch == 5 { #expect(Float(model.learningRate) == 0.01) }
    }
    #expect(model.learningRate == 0.005)
  }
}
