import Engine
import Tensors
import Testing

/// Convolutions along one, two and three axes.
@Suite struct ConvTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var input: Shape
    var kernel: Shape
    var strides: [Int]?
    var padding = Padding.valid
    var dilations: [Int]?
    var groups = 1

    var testDescription: String {
      "\(input) by \(kernel), strides \(strides ?? []), \(padding), dilations \(dilations ?? []), "
        + "groups \(groups)"
    }

    func convolve(_ x: [Value]) throws -> Value {
      try x[0].convolved(
        x[1], strides: strides, padding: padding, dilations: dilations, groups: groups)
    }
  }

  /// Few channels and many, so that both ways of computing come up: windows multiplied where they lie from
  /// 16 numbers in a row on, patches below that, with gaps and with groups.
  static let cases = [
    Case(input: [2, 5, 6, 3], kernel: [3, 3, 3, 4]),
    Case(input: [2, 5, 6, 8], kernel: [3, 3, 8, 4]),
    Case(input: [3, 6, 5, 8], kernel: [3, 3, 8, 5], padding: .same),
    Case(input: [2, 7, 8, 8], kernel: [3, 3, 8, 5], strides: [2, 2]),
    Case(input: [2, 7, 8, 8], kernel: [3, 3, 8, 5], strides: [2, 2], padding: .same),
    Case(input: [2, 6, 9, 8], kernel: [2, 4, 8, 3], strides: [1, 3], padding: .same),
    Case(input: [2, 6, 9, 8], kernel: [2, 4, 8, 3], strides: [2, 1], padding: .same),
    Case(input: [2, 5, 5, 3], kernel: [2, 2, 3, 4], strides: [3, 2], padding: .same),
    Case(input: [2, 7, 7, 8], kernel: [3, 2, 8, 4], dilations: [2, 1]),
    Case(input: [2, 7, 7, 8], kernel: [3, 2, 8, 4], padding: .same, dilations: [1, 2]),
    Case(input: [2, 4, 4, 20], kernel: [1, 1, 20, 6]),
    Case(input: [2, 4, 4, 20], kernel: [1, 1, 20, 6], strides: [2, 2]),
    Case(input: [2, 3, 3, 16], kernel: [5, 5, 16, 3], padding: .same),
    Case(input: [2, 5, 5, 4], kernel: [3, 3, 2, 6], padding: .same, groups: 2),
    Case(input: [2, 5, 5, 4], kernel: [3, 3, 1, 8], strides: [2, 2], groups: 4),
    Case(input: [2, 5, 6, 70], kernel: [3, 2, 1, 70], padding: .same, groups: 70),
    Case(input: [2, 4, 4, 5, 3], kernel: [2, 2, 3, 1, 3], strides: [2, 1, 1], groups: 3),
    Case(input: [2, 9, 4], kernel: [3, 1, 4], padding: .causal, dilations: [2], groups: 4),
    Case(input: [1, 4, 5, 16], kernel: [3, 1, 16, 40]),
    Case(input: [0, 5, 5, 3], kernel: [2, 2, 3, 2]),
    Case(input: [2, 4, 5, 6, 3], kernel: [2, 3, 2, 3, 4]),
    Case(input: [2, 4, 3, 5, 8], kernel: [3, 3, 2, 8, 4], padding: .same),
    Case(input: [2, 5, 4, 5, 8], kernel: [2, 2, 3, 8, 4], strides: [2, 1, 1], padding: .same),
    Case(input: [1, 5, 5, 5, 2], kernel: [2, 2, 2, 2, 3], strides: [2, 2, 2], padding: .same),
    Case(input: [2, 30, 8], kernel: [3, 8, 33], padding: .causal),
    Case(input: [2, 9, 16], kernel: [2, 16, 5], strides: [4], padding: .same),
  ]

  @Test(arguments: cases)
  func `Execution and gradients match the reference`(_ c: Case) throws {
    let checks = OpChecks([c.input, c.kernel], -1...1) { _, x in try c.convolve(x) }
    try checks.expectExecutionMatchesReference(tolerance: 4e-6)
    try checks.expectGradientsMatchDifferences(executionTolerance: 8e-6)
  }

  /// Large enough for several blocks, several parts of the kernel's gradient, and both threads, and for
  /// one sample that threads share. Sums of 144 to 10,000 terms.
  @Test(arguments: [
    Case(input: [9, 14, 15, 16], kernel: [3, 3, 16, 40], padding: .same),
    Case(input: [1, 40, 33, 8], kernel: [3, 3, 8, 24], padding: .same),
    Case(input: [1, 60, 60, 1], kernel: [3, 3, 1, 32]),
    Case(input: [1, 1, 300, 16], kernel: [1, 3, 16, 8]),
  ])
  func `Large convolutions match the reference`(_ c: Case) throws {
    try OpChecks([c.input, c.kernel], -1...1) { _, x in try c.convolve(x) }
      .expectGradientsMatchDifferences(tolerance: 1e-5, executionTolerance: 4e-5)
  }

  @Test(arguments: [
    Case(input: [2, 7, 7, 3], kernel: [3, 3, 2, 4]),
    Case(input: [2, 2, 7, 3], kernel: [3, 3, 3, 4]),
    Case(input: [2, 7, 7, 3], kernel: [3, 3, 3, 4], strides: [1, 0]),
    Case(input: [2, 7, 7, 3], kernel: [3, 3, 3, 4], dilations: [1, 4]),
    Case(input: [2, 7, 7, 3], kernel: [3, 3, 3, 4], strides: [1]),
    Case(input: [2, 7, 7, 4], kernel: [3, 3, 2, 3], groups: 2),
    Case(input: [2, 7], kernel: [3, 4]),
    Case(input: [2, 3, 3, 3, 3, 1], kernel: [1, 1, 1, 1, 1, 1]),
  ])
  func `Extents that do not fit are refused`(_ c: Case) throws {
    let builder = ProgramBuilder()
    let operands = [c.input, c.kernel].map { builder.input("x", TensorType($0)) }
    #expect(throws: EngineError.self) { try c.convolve(operands) }
  }

  // MARK: What follows

  private func finished(_ c: Case, _ x: [Value]) throws -> Value {
    try (c.convolve(Array(x[..<2])) + x[2]).apply(.relu())
  }

  @Test(arguments: cases.filter { $0.input[0] > 0 })
  func `A bias and a function are taken in, where the model learns too`(_ c: Case) throws {
    let width = c.kernel.dimensions.last ?? 0
    let checks = OpChecks([c.input, c.kernel, [width]], -1...1) { _, x in try finished(c, x) }
    try checks.expectExecutionMatchesReference(tolerance: 4e-6)
    try checks.expectGradientsMatchDifferences(executionTolerance: 8e-6)

    let builder = ProgramBuilder()
    let values = [c.input, c.kernel, [width]].map { builder.input("x", TensorType($0)) }
    builder.output("y", try finished(c, values))
    let names = Plan(builder.program, threads: 1).program.instructions.map(\.op.name)
    #expect(names == ["conv\(c.input.rank - 2)d+bias+relu"])
  }

  @Test func `A product with a bias of each element, or read twice, stays as it is`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([4, 3]))
    let product = try x.matmul(builder.input("k", TensorType([3, 4])))
    let sum = try product + builder.input("b", TensorType([4, 4]))
    builder.output("sum", sum)
    builder.output("relu", try sum.apply(.relu()))
    #expect(
      Plan(builder.program, threads: 1).program.instructions.map(\.op.name)
        == ["matmul", "add", "relu"])
  }

  @Test(arguments: [(3, 5, 70), (40, 33, 7), (20, 8, 100)])
  func `A matrix product takes in a bias and a function`(
    rows: Int, inner: Int, columns: Int
  ) throws {
    let checks = OpChecks([[rows, inner], [inner, columns], [columns]], -1...1) { _, x in
      try (x[0].matmul(x[1]) + x[2]).apply(.sigmoid)
    }
    try checks.expectExecutionMatchesReference(tolerance: 4e-6)
    try checks.expectGradientsMatchDifferences(executionTolerance: 8e-6)
  }
}
