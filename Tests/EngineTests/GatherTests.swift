import Engine
import Tensors
import Testing

@Suite struct GatherTests {
  @Test(arguments: [[7], [2, 3], [3, 50]] as [Shape])
  func `Execution and gradients match the reference`(tokens: Shape) throws {
    let checks = OpChecks([.init([5, 6]), .tokens(tokens, 0...4)]) { _, x in
      try x[0].gathered(by: x[1])
    }
    try checks.expectExecutionMatchesReference(tolerance: 0)
    // A row's gradient is a sum over up to 150 positions.
    try checks.expectGradientsMatchDifferences(executionTolerance: 2e-5)
  }

  @Test(arguments: [5, -1, Int32.max, Int32.min])
  func `A token outside the table is an error that tells its place`(token: Int32) throws {
    let builder = ProgramBuilder()
    let table = builder.input("table", TensorType([5, 2]))
    let tokens = builder.input("tokens", TensorType([2000], .int32))
    builder.output("rows", try table.gathered(by: tokens))
    let session = try Session(Plan(builder.program, threads: 2), variables: Variables())
    var values = [Int32](repeating: 4, count: 2000)
    values[1500] = token
    try session.setInput(1, Tensor([2000], values))
    let error = #expect(throws: EngineError.self) { try session.run() }
    #expect(
      error
        == EngineError(
          .indexOutOfRange(op: "gather", index: Int(token), position: 1500, bound: 5)))
  }
}
