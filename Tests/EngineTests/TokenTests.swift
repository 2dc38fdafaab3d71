import Engine
import Kernels
import Tensors
import Testing

@Suite struct TokenTests {
  @Test func `Execution matches the reference`() throws {
    let tokens = OpChecks.Operand.tokens([7, 9], -2...5)
    try OpChecks([tokens]) { try $1[0].notEqual(to: 0) }
      .expectExecutionMatchesReference(tolerance: 0)
    try OpChecks([tokens]) { try $1[0].oneHot(depth: 4) }
      .expectExecutionMatchesReference(tolerance: 0)
    try OpChecks([tokens]) { try $1[0].toFloat() }.expectExecutionMatchesReference(tolerance: 0)
    try OpChecks([[7, 9]], -5...5) { try $1[0].toInt() }
      .expectExecutionMatchesReference(tolerance: 0)
  }

  @Test func `A mask of tokens cuts a gradient's way to them and lets others pass`() throws {
    try OpChecks([.tokens([3, 4], 0...2), .init([3, 4])]) { _, x in
      try x[0].notEqual(to: 0) * x[1]
    }.expectGradientsMatchDifferences()
  }

  @Test func `Numbers that are no int32 become the smallest, as in TensorFlow`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([6]))
    builder.output("y", try x.toInt())
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    try session.setInput(0, Tensor([6], [1.7, -1.7, .nan, 1e20, -.infinity, -2_147_483_648]))
    try session.run()
    #expect(session.output("y") == Tensor([6], [1, -1, .min, .min, .min, .min] as [Int32]))
  }

  @Test func `Operands of the wrong type are refused`() {
    let builder = ProgramBuilder()
    let (x, tokens) = (
      builder.input("x", TensorType([2])), builder.input("t", TensorType([2], .int32))
    )
    #expect(throws: EngineError.self) { try x.oneHot(depth: 3) }
    #expect(throws: EngineError.self) { try x.notEqual(to: 0 as Int32) }
    #expect(throws: EngineError.self) { try tokens.apply(.tanh) }
    #expect(throws: EngineError.self) { try tokens + x }
    #expect(throws: EngineError.self) { try tokens.oneHot(depth: -1) }
  }
}
