import Engine
import Tensors
import Testing

@Suite struct LookupUpdateTests {
  static let rules: [any UpdateRule] = [
    SGDUpdate(), SGDUpdate(momentum: 0.9, nesterov: true), AdamUpdate(), AdamUpdate(amsgrad: true),
    RMSpropUpdate(), RMSpropUpdate(momentum: 0.5, centered: true),
  ]

  /// A table that is looked up, trained by one update; with `apart`, squares are of a token's share.
  private func program(
    _ rule: any UpdateRule, _ table: Shape, _ tokens: Shape, apart: Bool
  ) throws -> Program {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType(tokens, .int32))
    let settings = builder.input("settings", UpdateSettings.type)
    let state = builder.state("table", table)
    let found = try state.gathered(by: x)
    let loss = try (found * found).sum(axes: Array(0..<found.rank))
    let gradient = try builder.gradients(of: loss, withRespectTo: [state])[0]
    var squares: Value?
    if apart {
      let scatter = try #require(
        builder.program.instructions.last { $0.outputs == [gradient.id] })
      let rows = try builder.value(scatter.inputs[1]).apply(.square)
      squares = try builder.apply(scatter.op, [builder.value(scatter.inputs[0]), rows])[0]
    }
    let slots = rule.slotNames.map { builder.state($0, table) }
    let updated = try rule.updated(
      state, gradient: gradient, squares: squares, slots: slots, settings: settings)
    builder.update(state, to: updated.parameter)
    for (slot, value) in zip(slots, updated.slots) { builder.update(slot, to: value) }
    return builder.program
  }

  private func trained(
    _ plan: Plan, _ rule: any UpdateRule, _ table: Shape, _ tokens: Shape
  ) throws -> [[UInt32]] {
    var generator = SeededGenerator(5)
    let variables = Variables()
    for name in ["table"] + rule.slotNames {
      variables.set(
        name, Tensor(table, (0..<table.count).map { _ in Float(generator.unit() + 0.1) }))
    }
    let session = try Session(plan, variables: variables)
    for update in 1...3 {
      // Squared, so that some tokens come often and some never.
      let drawn = (0..<tokens.count).map { _ in
        let unit = generator.unit()
        return Int32(unit * unit * Double(table[0]) * 0.9)
      }
      try session.setInput(0, Tensor(tokens, drawn))
      try session.setInput(1, UpdateSettings.tensor(learningRate: 0.01, update: update))
      try session.run()
    }
    return (["table"] + rule.slotNames).map {
      (variables.tensor($0)?.scalars.floats ?? []).map(\.bitPattern)
    }
  }

  @Test(arguments: rules.indices, [false, true])
  func `A table is updated as by way of its whole gradient, to the bit`(
    index: Int, apart: Bool
  ) throws {
    let rule = Self.rules[index]
    for (table, tokens) in [([700, 48], [6, 40]), ([5, 3], [7]), ([3, 1], [2, 0])]
      as [(Shape, Shape)]
    {
      let program = try program(rule, table, tokens, apart: apart)
      let expected = try trained(
        Plan(program, threads: 1, passes: Passes.none), rule, table, tokens)
      for threads in 1...3 {
        let plan = Plan(program, threads: threads)
        #expect(plan.program.instructions.contains { $0.op is LookupUpdate })
        #expect(!plan.program.instructions.contains { $0.op is ScatterAdd })
        #expect(try trained(plan, rule, table, tokens) == expected, "\(threads) threads")
      }
    }
  }

  @Test func `A table that is used otherwise keeps its gradient`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([4], .int32))
    let settings = builder.input("settings", UpdateSettings.type)
    let table = builder.state("table", [3, 2])
    let loss = try (table.gathered(by: x).sum(axes: [0, 1]) + table.sum(axes: [0, 1]))
    let gradient = try builder.gradients(of: loss, withRespectTo: [table])[0]
    let updated = try SGDUpdate().updated(table, gradient: gradient, slots: [], settings: settings)
    builder.update(table, to: updated.parameter)
    let plan = Plan(builder.program, threads: 1)
    #expect(!plan.program.instructions.contains { $0.op is LookupUpdate })
  }
}
