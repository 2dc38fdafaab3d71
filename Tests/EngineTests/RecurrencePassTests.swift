import Engine
import Kernels
import Tensors
import Testing

/// Recurrent layers as passes rewrite them.
@Suite struct RecurrencePassTests {
  private static let (samples, steps, vocabulary, channels, units) = (3, 11, 40, 16, 20)

  /// A layer on an embedding, whose variables are `embedding`, `kernel`, `recurrent` and `bias`.
  private func program(
    _ cell: RecurrentCell, givesSequence: Bool, learns: Bool = false
  ) throws -> Program {
    let builder = ProgramBuilder()
    let width = cell.gates * Self.units
    let tokens = builder.input("tokens", TensorType([Self.samples, Self.steps], .int32))
    let rows = try builder.state("embedding", [Self.vocabulary, Self.channels]).gathered(by: tokens)
    let kernel = builder.state("kernel", [Self.channels, width])
    var options = RecurrenceOptions(cell)
    options.goesBackwards = true
    let result = try rows.recurrence(
      options, kernel: kernel,
      recurrentKernel: builder.state("recurrent", [Self.units, width]),
      bias: builder.state("bias", biasShape(cell)), mask: tokens.notEqual(to: 0))
    let output = givesSequence ? result.sequence : result.states[0]
    builder.output("y", output)
    if learns {
      let loss = try output.sum(axes: Array(0..<output.rank))
      let gradient = try builder.gradients(of: loss, withRespectTo: [kernel])[0]
      builder.update(kernel, to: try kernel - gradient)
    }
    return builder.program
  }

  private func biasShape(_ cell: RecurrentCell) -> Shape {
    let width = cell.gates * Self.units
    return cell == .gru(resetsAfter: true) ? [2, width] : [width]
  }

  private func variables(_ cell: RecurrentCell) -> [String: Tensor] {
    var source = RandomSource(seed: 21)
    let width = cell.gates * Self.units
    let shapes: [(String, Shape)] = [
      ("embedding", [Self.vocabulary, Self.channels]), ("kernel", [Self.channels, width]),
      ("recurrent", [Self.units, width]), ("bias", biasShape(cell)),
    ]
    return Dictionary(
      uniqueKeysWithValues: shapes.map { name, shape in
        (name, Tensor(shape, source.normal(shape.count, standardDeviation: 0.3)))
      })
  }

  private var tokens: Tensor {
    var generator = SeededGenerator(5)
    return Tensor(
      [Self.samples, Self.steps],
      (0..<Self.samples * Self.steps).map { _ in
        Int32(generator.next() % UInt64(Self.vocabulary))
      })
  }

  /// Checks that a plan's ops are those named, and that it gives what the program means.
  private func check(
    _ program: Program, _ plan: Plan, _ tensors: [String: Tensor], ops: [String]
  ) throws {
    #expect(plan.program.instructions.map(\.op.name) == ops, "\(plan.program)")
    let variables = Variables()
    for (name, tensor) in tensors { variables.set(name, tensor) }
    let session = try Session(plan, variables: variables)
    let states = tensors.mapValues { ReferenceTensor($0.shape, $0.scalars.doubles) }
    let input = ReferenceTensor(tokens.shape, tokens.scalars.doubles)
    let expected = try #require(
      program.evaluateReference(inputs: [input], states: states)["y"])
    // That of the rewritten program is the same.
    let rewritten = try #require(
      plan.program.evaluateReference(inputs: [input], states: states)["y"])
    expectClose(rewritten.values, expected.values, tolerance: 1e-12, "the plan's meaning")
    try session.setInput(0, tokens)
    for _ in 1...2 {
      try session.run()
      expectClose(session.output("y").scalars.doubles, expected.values, tolerance: 5e-6, "y")
    }
  }

  private func packs(_ cell: RecurrentCell, _ count: Int) -> [String] {
    PackedMatrix.lanes > 0 && cell != .gru(resetsAfter: false)
      ? [String](repeating: "pack", count: count) : []
  }

  @Test(arguments: RecurrenceTrial.cells, [false, true])
  func `kernels are packed once where nothing learns`(
    _ cell: RecurrentCell, givesSequence: Bool
  ) throws {
    let program = try program(cell, givesSequence: givesSequence)
    let name = Recurrence(RecurrenceOptions(cell)).name
    for threads in [1, 2] {
      let plan = Plan(program, threads: threads)
      try check(
        program, plan, variables(cell),
        ops: ["gather", "tokenDiffers"] + packs(cell, 2) + [name])
      let layer = try #require(plan.program.instructions.last?.op as? Recurrence)
      #expect(!layer.settings.savesSteps)
      #expect(layer.settings.givesSequence == givesSequence)
    }
  }

  @Test(arguments: RecurrenceTrial.cells, [false, true])
  func `the products of an embedding are looked up where that pays`(
    _ cell: RecurrentCell, givesSequence: Bool
  ) throws {
    let program = try program(cell, givesSequence: givesSequence)
    let name = Recurrence(RecurrenceOptions(cell)).name
    for threads in [1, 2] {
      let plan = Plan(program, threads: threads, runs: 1000)
      try check(
        program, plan, variables(cell),
        ops: ["tokenDiffers", "matmul"] + packs(cell, 1) + [name])
    }
    // A token outside the table is found.
    let plan = Plan(program, threads: 1, runs: 1000)
    let variables = Variables()
    for (name, tensor) in self.variables(cell) { variables.set(name, tensor) }
    let session = try Session(plan, variables: variables)
    try session.setInput(
      0, Tensor(tokens.shape, [Int32](repeating: Int32(Self.vocabulary), count: 33)))
    #expect(throws: EngineError.self) { try session.run() }
  }

  @Test(arguments: RecurrenceTrial.cells)
  func `a layer that learns gives no outputs that nothing reads`(_ cell: RecurrentCell) throws {
    for givesSequence in [false, true] {
      let program = try program(cell, givesSequence: givesSequence, learns: true)
      let plan = Plan(program, threads: 2, runs: 1000)
      let layer = try #require(
        plan.program.instructions.compactMap { $0.op as? Recurrence }.first)
      #expect(layer.settings.savesSteps && !layer.settings.isPacked && !layer.settings.takesTokens)
      #expect(layer.settings.givesSequence == givesSequence)
      let gradient = try #require(
        plan.program.instructions.compactMap { $0.op as? RecurrenceGradient }.first)
      #expect(gradient.flowing[0] == givesSequence)
    }
  }
}
