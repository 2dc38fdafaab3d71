import Engine
import Tensors
import Testing

@Suite struct LiteralTests {
  @Test func `Numbers of a program broadcast with its operands, and gradients pass them`() throws {
    let checks = OpChecks([[2, 3]]) { builder, operands in
      try operands[0] * builder.literal([1, -2, 0.5], [3]) + builder.literal([3, 4], [2, 1])
    }
    try checks.expectExecutionMatchesReference()
    try checks.expectGradientsMatchDifferences()
  }

  @Test func `Numbers that do not fill their shape are refused`() {
    #expect(throws: EngineError.self) { try ProgramBuilder().literal([1, 2], [3]) }
  }
}
