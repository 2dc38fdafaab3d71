/// Models that keep states from batch to batch.
import Keratin
import Testing

@Suite struct StatefulTests {
  private let x = Tensor([6, 4, 3], (0..<72).map { Float(($0 * 37) % 23) / 23 - 0.5 })

  private func model(stateful: Bool) -> Sequential {
    Sequential(
      [InputLayer(shape: [nil, 3], batchSize: 2), LSTM(5, stateful: stateful), Dense(1)], seed: 4)
  }

  /// Rows 0, 2 and 4 as one sequence after the other, and rows 1, 3 and 5.
  private var joined: Tensor {
    let rows = x.scalars.floats
    return Tensor(
      [2, 12, 3],
      [0, 2, 4, 1, 3, 5].flatMap { Array(rows[$0 * 12..<($0 + 1) * 12]) })
  }

  @Test func `a batch goes on where the one before it stopped`() throws {
    let model = model(stateful: true)
    let found = try model.predict(x, batchSize: 2)
    let whole = try self.model(stateful: false).predict(joined, batchSize: 2)
    let last = Tensor([2, 1], Array(found.scalars.floats[4...]))
    expectEqual(last, whole, within: 1e-6, "the last batch")
    // So does the next call, until the states are reset.
    let second = try model.predict(x, batchSize: 2)
    #expect(second.scalars.floats != found.scalars.floats)
    model.resetStates()
    #expect(try model.predict(x, batchSize: 2).scalars.floats == found.scalars.floats)
  }

  @Test func `evaluating and training go on as well`() throws {
    let y = Tensor([6, 1], [Float](repeating: 1, count: 6))
    let model = model(stateful: true)
    model.compile(optimizer: SGD(learningRate: 0), loss: .meanSquaredError)
    func loss() throws -> Double {
      try model.evaluate(x, y, batchSize: 2, verbose: .silent)["loss"] ?? .nan
    }
    let first = try loss()
    #expect(try loss() != first)
    model.resetStates()
    // Without a rate training changes states alone.
    try model.fit(x, y, batchSize: 2, shuffle: false, verbose: .silent)
    let second = try loss()
    #expect(second != first)
    model.resetStates()
    #expect(try loss() == first)
  }

  @Test func `states are no weights and are in no file`() throws {
    let model = model(stateful: true)
    _ = try model.predict(x, batchSize: 2)
    #expect(try model.weights.count == 5)
    #expect(try model.checkpoint().layers.flatMap(\.weights).count == 5)
  }

  @Test func `a batch of another size is refused by its number of rows`() throws {
    let error = #expect(throws: (any Error).self) {
      try model(stateful: true).predict(x, batchSize: 4)
    }
    #expect("\(try #require(error))".contains("a batch of 2 rows, which stateful = true fixes"))
  }

  @Test func `a batch that no input fixes is asked for`() throws {
    let model = Sequential([InputLayer(shape: [4, 3]), LSTM(2, stateful: true)])
    let error = #expect(throws: (any Error).self) { try model.predict(x) }
    #expect("\(try #require(error))".contains("a fixed batch"))
  }

  @Test func `a large batch is not run in parts, whose states would be mixed up`() throws {
    let layers: [any Layer] = [
      InputLayer(shape: [20, 64], batchSize: 96),
      LSTM(256, returnSequences: true, stateful: true), LSTM(256, returnSequences: true),
    ]
    let values = (0..<192 * 1280).map { Float(($0 * 31) % 17) / 17 }
    let half = values.count / 2
    let x = Tensor([192, 20, 64], values)
    let model = Sequential(layers, seed: 3)
    let found = try model.predict(x, batchSize: 96)
    model.resetStates()
    _ = try model.predict(Tensor([96, 20, 64], Array(values[..<half])), batchSize: 96)
    let again = try model.predict(Tensor([96, 20, 64], Array(values[half...])), batchSize: 96)
    #expect(again.scalars.floats == Array(found.scalars.floats[(found.count / 2)...]))
  }
}
