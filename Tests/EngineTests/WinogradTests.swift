import Engine
import Kernels
import Tensors
import Testing

@Suite struct WinogradTests {
  struct Case: Sendable {
    let input: Shape
    let filters: Int
    var padding = Padding.valid

    func maximum(_ x: [Value], _ method: Convolution.Method) throws -> Value {
      let settings = ConvOptions(padding: padding)
      return try x[0].apply(Conv1DMaximum(settings, method: method), x[1])
    }
  }

  /// Lengths of every remainder by 4, filters that end in the middle of a panel and of a register,
  /// more windows than a block has.
  static let cases = [
    Case(input: [2, 3, 4], filters: 5), Case(input: [2, 4, 4], filters: 32),
    Case(input: [2, 5, 7], filters: 33), Case(input: [3, 6, 16], filters: 48),
    Case(input: [2, 7, 16], filters: 64, padding: .same),
    Case(input: [1, 9, 16], filters: 17, padding: .causal),
    Case(input: [2, 1, 3], filters: 4, padding: .same),
    Case(input: [3, 700, 8], filters: 200),
  ]

  /// The transforms multiply by up to 8 and add up to 10 terms, so more is lost than in a plain sum.
  @Test(arguments: cases)
  func `The maximum by Winograd's algorithm matches the reference`(_ c: Case) throws {
    try OpChecks([c.input, [3, c.input[2], c.filters]], -1...1) { _, x in
      try c.maximum(x, .winograd)
    }
    .expectExecutionMatchesReference(tolerance: 1e-5)
  }

  @Test func `Sums of 768 terms agree with the direct ones`() throws {
    let c = Case(input: [2, 198, 256], filters: 256)
    try OpChecks([.init(c.input, -0.1...0.1), .init([3, 256, 256], -0.1...0.1)]) { _, x in
      try c.maximum(x, .winograd) - c.maximum(x, .direct)
    }
    .expectExecutionMatchesReference(tolerance: 2e-6)
  }

  private func program(dropout: Float, shared: [Int] = [], size: Int = 3) throws -> Program {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 40, 32]))
    let kernel = builder.state("kernel", [size, 32, 32])
    let dropped = try x.dropout(rate: dropout, stream: 0, sharedAxes: shared)
    builder.output("y", try dropped.conv1D(kernel).max(axes: [1]))
    return builder.program
  }

  private func usesWinograd(_ program: Program) -> Bool {
    Plan(program, threads: 1).program.instructions.contains { $0.op.options.contains("winograd") }
  }

  @Test func `It stands behind a dropout alone, where windows are not equal`() throws {
    #expect(usesWinograd(try program(dropout: 0.3)))
    #expect(!usesWinograd(try program(dropout: 0)))
    #expect(!usesWinograd(try program(dropout: 0.3, shared: [1])))
    #expect(!usesWinograd(try program(dropout: 0.3, size: 4)))
  }
}
