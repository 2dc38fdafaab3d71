import Engine
import Tensors
import Testing

@Suite struct Conv1DTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var input: Shape
    var kernel: Shape
    var strides = 1
    var padding = Padding.valid
    var dilation = 1
    var groups = 1

    var testDescription: String {
      "\(input) by \(kernel), strides \(strides), \(padding), dilation \(dilation), groups \(groups)"
    }

    func convolve(_ x: [Value]) throws -> Value {
      try x[0].conv1D(
        x[1], strides: strides, padding: padding, dilation: dilation, groups: groups)
    }
  }

  static let cases = [
    Case(input: [2, 7, 3], kernel: [3, 3, 4]),
    Case(input: [1, 9, 2], kernel: [3, 2, 5], strides: 2),
    Case(input: [3, 8, 2], kernel: [3, 2, 3], padding: .same),
    Case(input: [2, 8, 2], kernel: [4, 2, 3], padding: .same),
    Case(input: [2, 9, 2], kernel: [2, 2, 3], strides: 3, padding: .same),
    Case(input: [2, 8, 2], kernel: [5, 2, 3], padding: .causal),
    Case(input: [2, 3, 2], kernel: [5, 2, 3], padding: .same),
    Case(input: [2, 3, 2], kernel: [5, 2, 3], padding: .causal, dilation: 2),
    Case(input: [1, 12, 2], kernel: [3, 2, 2], dilation: 4),
    Case(input: [2, 10, 2], kernel: [3, 2, 2], padding: .same, dilation: 3),
    Case(input: [2, 6, 6], kernel: [2, 2, 9], groups: 3),
    Case(input: [2, 6, 4], kernel: [3, 1, 4], strides: 2, padding: .same, groups: 4),
    Case(input: [2, 5, 3], kernel: [1, 3, 2], strides: 7, padding: .same),
    Case(input: [0, 5, 3], kernel: [2, 3, 2]),
  ]

  @Test(arguments: cases)
  func `Execution and gradients match the reference`(_ c: Case) throws {
    let checks = OpChecks([c.input, c.kernel], -1...1) { _, x in try c.convolve(x) }
    try checks.expectExecutionMatchesReference()
    try checks.expectGradientsMatchDifferences(executionTolerance: 4e-6)
  }

  /// Large enough for blocks of windows and for both threads.
  @Test(arguments: [
    Case(input: [5, 300, 16], kernel: [3, 16, 300]),
    Case(input: [1, 40, 8], kernel: [3, 8, 24], padding: .same),
  ])
  func `Large convolutions match the reference`(_ c: Case) throws {
    try OpChecks([c.input, c.kernel], -1...1) { _, x in try c.convolve(x) }
      .expectExecutionMatchesReference(tolerance: 1e-5)
  }

  @Test(arguments: cases.filter { $0.groups == 1 && $0.input[0] > 0 })
  func `The maximum of a convolution and its gradients match the reference`(_ c: Case) throws {
    let checks = OpChecks(
      [.init(c.input, -1...1, isDistinct: true), .init(c.kernel, -1...1, isDistinct: true)]
    ) { _, x in try c.convolve(x).max(axes: [1]) }
    // The plan and the differentiation rewrite this to `conv1dMaximum`; see the tests of the passes.
    try checks.expectExecutionMatchesReference()
    try checks.expectGradientsMatchDifferences(executionTolerance: 4e-6)
  }

  /// Tokens that repeat make windows alike, as padding does; 70 windows take three words of bits.
  @Test(arguments: [7, 70, 33] as [Int])
  func `Windows that tie share the gradient`(length: Int) throws {
    let checks = OpChecks([
      .init([3, 4], -1...1, isDistinct: true), .tokens([3, length], 0...1),
      .init([2, 4, 5], -1...1, isDistinct: true),
    ]) { _, x in try x[0].gathered(by: x[1]).conv1D(x[2], padding: .same).max(axes: [1]) }
    try checks.expectExecutionMatchesReference()
    // The differences see a kink at a tie, but one that the table moves all tied windows over.
    try checks.expectGradientsMatchDifferences(executionTolerance: 4e-6)
  }

  @Test(arguments: [
    Case(input: [2, 7, 3], kernel: [3, 2, 4]), Case(input: [2, 2, 3], kernel: [3, 3, 4]),
    Case(input: [2, 7, 3], kernel: [3, 3, 4], strides: 0),
    Case(input: [2, 7, 3], kernel: [3, 3, 4], dilation: 4),
    Case(input: [2, 7, 4], kernel: [3, 2, 3], groups: 2),
    Case(input: [2, 7, 3], kernel: [3, 3, 4], dilation: .max),
  ])
  func `Extents that do not fit are refused`(_ c: Case) throws {
    let builder = ProgramBuilder()
    let operands = [c.input, c.kernel].map { builder.input("x", TensorType($0)) }
    #expect(throws: EngineError.self) { try c.convolve(operands) }
  }
}
