import Engine
import Kernels
import Tensors
import Testing

@Suite struct RecurrenceTests {
  @Test(arguments: RecurrenceTrial.all, [1, 2, 3])
  func `execution agrees with the reference`(_ trial: RecurrenceTrial, threads: Int) throws {
    let operands = trial.operands(seed: 3)
    let op = Recurrence(trial.settings)
    let expected = op.reference(operands, RunContext())
    let found = try execute(op, operands, threads: threads)
    #expect(found.count == trial.results.count)
    for (index, name) in trial.results.enumerated() {
      expectClose(found[index], expected[index].values, tolerance: 1e-5, name)
    }
  }

  @Test(arguments: RecurrenceTrial.all, [1, 2, 3])
  func `the gradient's execution agrees with its reference`(
    _ trial: RecurrenceTrial, threads: Int
  ) throws {
    let states = trial.settings.cell.states
    // Into the outputs, into the states, into both.
    for flowing in [[true], [false]].flatMap({ sequence in
      [false, true].map { sequence + [Bool](repeating: $0, count: states) }
    }) where flowing.contains(true) {
      let (op, operands) = gradient(trial, seed: 4, flowing: flowing)
      let expected = op.reference(operands, RunContext())
      let found = try execute(op, operands, threads: threads)
      for (index, name) in gradientNames(trial).enumerated() {
        expectClose(
          found[index], expected[index].values, tolerance: 1e-5, "\(name), flowing: \(flowing)")
      }
    }
  }

  @Test(arguments: RecurrenceTrial.all)
  func `the gradient has the same bits on any number of threads`(_ trial: RecurrenceTrial) throws {
    let flowing = [Bool](repeating: true, count: 1 + trial.settings.cell.states)
    let (op, operands) = gradient(trial, seed: 6, flowing: flowing)
    func bits(threads: Int) throws -> [[UInt32]] {
      try execute(op, operands, threads: threads).map { $0.map(\.bitPattern) }
    }
    let alone = try bits(threads: 1)
    for threads in 2...4 { #expect(try bits(threads: threads) == alone) }
  }

  private func gradientNames(_ trial: RecurrenceTrial) -> [String] {
    ["d kernel", "d recurrent kernel"] + (trial.settings.hasBias ? ["d bias"] : [])
      + ["d h", "d c"].prefix(trial.settings.cell.states) + ["d x"]
  }

  @Test(arguments: RecurrenceTrial.all.filter { $0.samples < 10 && $0.steps < 10 })
  func `the gradient's reference agrees with finite differences`(
    _ trial: RecurrenceTrial
  ) throws {
    let (states, settings) = (trial.settings.cell.states, trial.settings)
    let (op, operands) = gradient(
      trial, seed: 5, flowing: [Bool](repeating: true, count: 1 + states))
    let gradients = op.reference(operands, RunContext())
    let weights = Array(operands.suffix(1 + states))
    var inputs = trial.operands(seed: 5)

    func loss() -> Double {
      zip(weights, Recurrence(settings).reference(inputs, RunContext())).reduce(0) { sum, pair in
        sum + zip(pair.0.values, pair.1.values).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    // Which operand each gradient belongs to.
    let first = settings.hasBias ? 4 : 3
    let owners: [Int?] =
      Array(1..<first)
      + (0..<states).map { settings.hasInitialState ? first + $0 : nil } + [0]
    #expect(owners.count == gradients.count)
    let step = 1e-5
    for (gradient, owner) in zip(gradients, owners) {
      guard let owner else { continue }
      // Every element of small operands, some of large ones.
      let count = gradient.values.count
      for place in stride(from: 0, to: count, by: max(1, count / 8)) {
        let old = inputs[owner].values[place]
        inputs[owner].values[place] = old + step
        let above = loss()
        inputs[owner].values[place] = old - step
        let slope = (above - loss()) / (2 * step)
        inputs[owner].values[place] = old
        #expect(
          abs(gradient.values[place] - slope) < 1e-6 * max(1, abs(slope)),
          "operand \(owner)[\(place)]")
      }
    }
  }

  /// The gradient op of a trial, and operands whose saved states belong together.
  private func gradient(
    _ trial: RecurrenceTrial, seed: UInt64, flowing: [Bool]
  ) -> (RecurrenceGradient, [ReferenceTensor]) {
    let inputs = trial.operands(seed: seed)
    let results = Recurrence(trial.settings).reference(inputs, RunContext())
    var source = RandomSource(seed: seed, stream: 1)
    let mask = trial.settings.hasMask ? [inputs[inputs.count - 1]] : []
    let gradients = zip(results, flowing).filter(\.1).map { trial.draw($0.0.shape, &source) }
    return (
      RecurrenceGradient(trial.settings, needsInput: true, flowing: flowing),
      inputs[..<3] + mask + results[(1 + trial.settings.cell.states)...] + gradients
    )
  }

  @Test(arguments: RecurrenceTrial.cells, [false, true])
  func `a program's gradients reach every operand`(
    _ cell: RecurrentCell, withState: Bool
  ) throws {
    // One sample, one step, one unit: the output is a scalar that can be differentiated.
    let trial = RecurrenceTrial(cell) {
      ($0.samples, $0.steps, $0.features, $0.units) = (1, 1, 2, 1)
      $0.settings.hasInitialState = withState
      $0.settings.hasMask = withState
    }
    let builder = ProgramBuilder()
    let values = trial.shapes.enumerated().map { builder.input("\($0)", TensorType($1)) }
    let states = withState ? cell.states : 0
    let result = try values[0].recurrence(
      RecurrenceOptions(cell), kernel: values[1], recurrentKernel: values[2], bias: values[3],
      initialState: Array(values[4..<4 + states]), mask: withState ? values.last : nil)
    let targets = Array(values.prefix(4 + states))
    let gradients = try builder.gradients(of: result.sequence, withRespectTo: targets)
    for (index, gradient) in gradients.enumerated() { builder.output("d\(index)", gradient) }

    var operands = trial.operands(seed: 6)
    if withState { operands[operands.count - 1].values = [1] }
    let found = builder.program.evaluateReference(inputs: operands, states: [:])
    for index in gradients.indices {
      for place in operands[index].values.indices {
        func output(_ change: Double) -> Double {
          var operands = operands
          operands[index].values[place] += change
          return Recurrence(trial.settings).reference(operands, RunContext())[0].values[0]
        }
        let slope = (output(1e-5) - output(-1e-5)) / 2e-5
        #expect(abs((found["d\(index)"]?.values[place] ?? .nan) - slope) < 1e-8, "operand \(index)")
      }
    }
  }

  @Test(arguments: RecurrenceTrial.cells, [40, 190])
  func `the same bits come out of every run, whatever the batch a sample is in`(
    _ cell: RecurrentCell, units: Int
  ) throws {
    let trial = RecurrenceTrial(cell) {
      ($0.samples, $0.steps, $0.features, $0.units) = (37, 9, 20, units)
    }
    let operands = trial.operands(seed: 8)
    let op = Recurrence(trial.settings)
    let all = try execute(op, operands, threads: 2)[1]
    #expect(try execute(op, operands, threads: 2)[1] == all)
    guard PackedMatrix.lanes > 0 else { return }
    var alone = operands
    alone[0] = ReferenceTensor([1, 9, 20], Array(operands[0].values[..<180]))
    for threads in [1, 2, 3] {
      #expect(try execute(op, alone, threads: threads)[1] == Array(all[..<units]), "\(op.name)")
    }
  }

  @Test func `operands of other shapes are refused`() {
    for cell in RecurrenceTrial.cells {
      let builder = ProgramBuilder()
      let width = 5 * cell.gates
      let x = builder.input("x", TensorType([2, 3, 4]))
      let recurrent = builder.input("r", TensorType([5, width]))
      func input(_ shape: Shape) -> Value { builder.input("\(shape)", TensorType(shape)) }
      let options = RecurrenceOptions(cell)
      #expect(throws: EngineError.self) {
        try x.recurrence(options, kernel: input([4, width - 1]), recurrentKernel: recurrent)
      }
      #expect(throws: EngineError.self) {
        try input([2, 4]).recurrence(
          options, kernel: input([4, width]), recurrentKernel: recurrent)
      }
      // The bias of the other kind of GRU.
      let bias = cell == .gru(resetsAfter: true) ? input([width]) : input([2, width])
      #expect(throws: EngineError.self) {
        try x.recurrence(
          options, kernel: input([4, width]), recurrentKernel: recurrent, bias: bias)
      }
      #expect(throws: EngineError.self) {
        try x.recurrence(
          options, kernel: input([4, width]), recurrentKernel: recurrent, mask: input([2, 4]))
      }
      #expect(throws: Never.self) {
        try x.recurrence(
          options, kernel: input([4, width]), recurrentKernel: recurrent, mask: input([2, 3]))
      }
    }
  }
}
