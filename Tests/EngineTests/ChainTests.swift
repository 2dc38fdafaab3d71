import Engine
import Tensors
import Testing

@Suite struct ChainTests {
  /// A table looked up, dropped out, convolved under a maximum, with its gradients.
  private func program(_ tokens: Shape, width: Int) throws -> Program {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType(tokens, .int32))
    let table = builder.state("table", [11, width])
    let kernel = builder.state("kernel", [2, width, 5])
    let dropped = try table.gathered(by: x).dropout(rate: 0.4, stream: 3)
    let result = try dropped.conv1D(kernel).max(axes: [1])
    let loss = try result.apply(.square).sum(axes: [0, 1])
    let gradients = try builder.gradients(of: loss, withRespectTo: [table, kernel])
    builder.output("dropped", dropped)
    builder.output("table", gradients[0])
    builder.output("kernel", gradients[1])
    return builder.program
  }

  private func outputs(_ plan: Plan, _ tokens: Shape, width: Int) throws -> [Tensor] {
    var generator = SeededGenerator(3)
    let variables = Variables()
    for (name, shape) in [("table", [11, width]), ("kernel", [2, width, 5])] as [(String, Shape)] {
      variables.set(
        name, Tensor(shape, (0..<shape.count).map { _ in Float(generator.unit() - 0.5) }))
    }
    let session = try Session(plan, variables: variables)
    try session.setInput(
      0, Tensor(tokens, (0..<tokens.count).map { _ in Int32(generator.unit() * 10.9) }))
    try session.run(seed: 4, step: 2)
    return ["dropped", "table", "kernel"].map { session.output($0) }
  }

  /// Widths that divide a group of random words, and that do not.
  @Test(arguments: [64, 7, 200], [1, 2, 3])
  func `Ops one after the other, part by part, give the same bits`(
    width: Int, threads: Int
  ) throws {
    let tokens: Shape = [9, 13]
    let program = try program(tokens, width: width)
    let chained = Plan(program, threads: threads, passes: [Chains(), DeadCodeElimination()])
    #expect(chained.program.instructions.count { $0.op is Chain } == 2)
    let plain = Plan(program, threads: 1, passes: [DeadCodeElimination()])
    #expect(try outputs(chained, tokens, width: width) == outputs(plain, tokens, width: width))
  }

  @Test func `A token outside the table is found before anything is computed`() throws {
    let session = try Session(
      Plan(program([2, 3], width: 8), threads: 1), variables: variables(width: 8))
    try session.setInput(0, Tensor([2, 3], [0, 1, 2, 3, 11, 5] as [Int32]))
    #expect(throws: EngineError.self) { try session.run() }
  }

  private func variables(width: Int) -> Variables {
    let variables = Variables()
    variables.set("table", Tensor([11, width], [Float](repeating: 1, count: 11 * width)))
    variables.set("kernel", Tensor([2, width, 5], [Float](repeating: 1, count: 10 * width)))
    return variables
  }
}
