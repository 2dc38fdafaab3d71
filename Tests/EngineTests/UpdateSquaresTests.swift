import Engine
import Tensors
import Testing

@Suite struct UpdateSquaresTests {
  private func updated(
    _ rule: some UpdateRule, gradient: [Float], squares: [Float]?
  ) throws -> [[Float]] {
    let shape: Shape = [gradient.count]
    let builder = ProgramBuilder()
    let states = (["parameter"] + rule.slotNames).map { builder.state($0, shape) }
    let g = builder.input("gradient", TensorType(shape))
    let settings = builder.input("settings", UpdateSettings.type)
    let q = squares.map { _ in builder.input("squares", TensorType(shape)) }
    let results = try rule.updated(
      states[0], gradient: g, squares: q, slots: Array(states.dropFirst()), settings: settings)
    for (state, result) in zip(states, [results.parameter] + results.slots) {
      builder.update(state, to: result)
    }
    let variables = Variables()
    let half = [Float](repeating: 0.5, count: gradient.count)
    for name in ["parameter"] + rule.slotNames { variables.set(name, Tensor(shape, half)) }
    let session = try Session(Plan(builder.program, threads: 1), variables: variables)
    try session.setInput(0, Tensor(shape, gradient))
    try session.setInput(1, UpdateSettings.tensor(learningRate: 0.1, update: 3))
    if let squares { try session.setInput(2, Tensor(shape, squares)) }
    try session.run()
    return (["parameter"] + rule.slotNames).map { variables.tensor($0)?.scalars.floats ?? [] }
  }

  static let rules: [any UpdateRule] = [
    AdamUpdate(), AdamUpdate(amsgrad: true), RMSpropUpdate(),
    RMSpropUpdate(momentum: 0.5, centered: true), AdagradUpdate(), AdadeltaUpdate(), AdamaxUpdate(),
    NadamUpdate(), FtrlUpdate(), FtrlUpdate(learningRatePower: -0.7), LambUpdate(),
    DecayedUpdate(AdamUpdate(), decay: 0.1),
  ]

  @Test(arguments: rules.indices)
  func `Squares that are given stand for those of the gradient`(index: Int) throws {
    let rule = Self.rules[index]
    let gradient: [Float] = [-2, 0.5, 0, 3, 1]
    let plain = try updated(rule, gradient: gradient, squares: nil)
    let sizes = gradient.map { rule.measure == .abs ? abs($0) : $0 * $0 }
    let given = try updated(rule, gradient: gradient, squares: sizes)
    // Adadelta squares its change as a factor of the gradient's squares then.
    for (given, plain) in zip(given.joined(), plain.joined()) {
      #expect(abs(given - plain) <= (rule is AdadeltaUpdate ? 1e-6 : 0) * abs(plain))
    }
    #expect(try updated(rule, gradient: gradient, squares: [9, 9, 9, 9, 9]) != plain)
  }

  @Test func `A rule without squares passes them over`() throws {
    let rule = SGDUpdate(momentum: 0.9)
    #expect(
      try updated(rule, gradient: [1, 2], squares: [5, 5])
        == updated(rule, gradient: [1, 2], squares: nil))
  }
}
