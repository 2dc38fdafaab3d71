import Engine
import Tensors
import Testing

@Suite struct LSTMTests {
  private static let results = ["sequence", "h", "c", "gates", "old h", "old c"]

  @Test(arguments: LSTMTrial.all, [1, 2, 3])
  func `execution agrees with the reference`(_ trial: LSTMTrial, threads: Int) throws {
    let operands = trial.operands(seed: 3)
    let op = LSTM(trial.settings)
    let expected = op.reference(operands, RunContext())
    let found = try execute(op, operands, threads: threads)
    for (index, name) in Self.results.enumerated() {
      expectClose(found[index], expected[index].values, tolerance: 1e-5, name)
    }
  }

  @Test(arguments: LSTMTrial.all, [1, 2, 3])
  func `the gradient's execution agrees with its reference`(
    _ trial: LSTMTrial, threads: Int
  ) throws {
    let (op, operands) = gradient(trial, seed: 4)
    let expected = op.reference(operands, RunContext())
    let found = try execute(op, operands, threads: threads)
    let names = ["d kernel", "d recurrent kernel", "d bias", "d h", "d c", "d x"]
    for (index, name) in names.enumerated() {
      expectClose(found[index], expected[index].values, tolerance: 1e-5, name)
    }
  }

  @Test(arguments: LSTMTrial.all)
  func `the gradient's reference agrees with finite differences`(_ trial: LSTMTrial) throws {
    let (op, operands) = gradient(trial, seed: 5)
    let gradients = op.reference(operands, RunContext())
    let weights = Array(operands.suffix(3))
    var inputs = trial.operands(seed: 5)

    func loss() -> Double {
      zip(weights, LSTM(trial.settings).reference(inputs, RunContext())).reduce(0) { sum, pair in
        sum + zip(pair.0.values, pair.1.values).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    // Which operand each gradient belongs to.
    var owners = [1, 2, 0].map { Optional($0) }
    var next = 3
    if trial.settings.hasBias { next += 1 }
    owners.insert(trial.settings.hasBias ? 3 : nil, at: 2)
    owners.insert(
      contentsOf: trial.settings.hasInitialState ? [next, next + 1] : [nil, nil], at: 3)
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
  private func gradient(_ trial: LSTMTrial, seed: UInt64) -> (LSTMGradient, [ReferenceTensor]) {
    let inputs = trial.operands(seed: seed)
    let results = LSTM(trial.settings).reference(inputs, RunContext())
    var source = RandomSource(seed: seed, stream: 1)
    let mask = trial.settings.hasMask ? [inputs[inputs.count - 1]] : []
    let flowing = results[..<3].map { trial.draw($0.shape, &source) }
    return (
      LSTMGradient(trial.settings, needsInput: true),
      inputs[..<3] + mask + results[3...] + flowing
    )
  }

  @Test(arguments: [false, true])
  func `a program's gradients reach every operand`(withState: Bool) throws {
    // One sample, one step, one unit: the output is a scalar that can be differentiated.
    let trial = LSTMTrial {
      ($0.samples, $0.steps, $0.features, $0.units) = (1, 1, 2, 1)
      $0.settings.hasInitialState = withState
      $0.settings.hasMask = withState
    }
    let builder = ProgramBuilder()
    let values = trial.shapes.enumerated().map { builder.input("\($0)", TensorType($1)) }
    let o = (
      state: withState ? (h: values[4], c: values[5]) : nil, mask: withState ? values[6] : nil
    )
    let result = try values[0].lstm(
      kernel: values[1], recurrentKernel: values[2], bias: values[3], initialState: o.state,
      mask: o.mask)
    let targets = Array(values.prefix(withState ? 6 : 4))
    let gradients = try builder.gradients(of: result.sequence, withRespectTo: targets)
    for (index, gradient) in gradients.enumerated() { builder.output("d\(index)", gradient) }

    var operands = trial.operands(seed: 6)
    if withState { operands[6].values = [1] }
    let found = builder.program.evaluateReference(inputs: operands, states: [:])
    for index in gradients.indices {
      for place in operands[index].values.indices {
        func output(_ change: Double) -> Double {
          var operands = operands
          operands[index].values[place] += change
          return LSTM(trial.settings).reference(operands, RunContext())[0].values[0]
        }
        let slope = (output(1e-5) - output(-1e-5)) / 2e-5
        #expect(abs((found["d\(index)"]?.values[place] ?? .nan) - slope) < 1e-8, "operand \(index)")
      }
    }
  }

  @Test func `operands of other shapes are refused`() {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 3, 4]))
    let recurrent = builder.input("r", TensorType([5, 20]))
    func input(_ shape: Shape) -> Value { builder.input("\(shape)", TensorType(shape)) }
    #expect(throws: EngineError.self) {
      try x.lstm(kernel: input([4, 19]), recurrentKernel: recurrent)
    }
    #expect(throws: EngineError.self) {
      try input([2, 4]).lstm(kernel: input([4, 20]), recurrentKernel: recurrent)
    }
    #expect(throws: EngineError.self) {
      try x.lstm(kernel: input([4, 20]), recurrentKernel: recurrent, bias: input([5]))
    }
    #expect(throws: EngineError.self) {
      try x.lstm(kernel: input([4, 20]), recurrentKernel: recurrent, mask: input([2, 4]))
    }
    #expect(throws: Never.self) {
      try x.lstm(kernel: input([4, 20]), recurrentKernel: recurrent, mask: input([2, 3]))
    }
  }
}
