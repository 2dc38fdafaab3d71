import Engine
import Kernels
import Tensors
import Testing

@Suite(.enabled(if: PackedMatrix.lanes > 0, "this processor has no tiles for products"))
struct Winograd2DTests {
  struct Case: Sendable {
    let input: Shape
    let filters: Int
    var padding = Padding.valid

    var kernel: Shape { [3, 3, input[3], filters] }

    func convolve(_ x: [Value], _ method: Convolution.Method) throws -> Value {
      let settings = ConvOptions(strides: [1, 1], padding: padding, dilations: [1, 1])
      return try x[0].apply(Conv(settings, method: method), x[1])
    }
  }

  /// Heights of both remainders by 2, widths of every remainder by 4, filters that end in the middle of a
  /// panel, several blocks, one sample that threads share, and channels that no register divides.
  static let cases = [
    Case(input: [2, 3, 3, 4], filters: 5), Case(input: [2, 4, 6, 4], filters: 32),
    Case(input: [2, 5, 7, 7], filters: 33), Case(input: [3, 6, 8, 16], filters: 48),
    Case(input: [2, 7, 9, 16], filters: 64, padding: .same),
    Case(input: [1, 9, 1, 16], filters: 17, padding: .same),
    Case(input: [2, 1, 5, 3], filters: 4, padding: .same),
    Case(input: [1, 40, 30, 8], filters: 40, padding: .same),
    Case(input: [0, 5, 5, 3], filters: 2),
  ]

  /// The transforms multiply by up to 8 and add up to 10 terms, so more is lost than in a plain sum.
  @Test(arguments: cases)
  func `It gives what the definition gives`(_ c: Case) throws {
    try OpChecks([c.input, c.kernel], -1...1) { _, x in try c.convolve(x, .winograd) }
      .expectExecutionMatchesReference(tolerance: 1e-5)
  }

  @Test func `Sums of 1152 terms agree with the direct ones`() throws {
    let c = Case(input: [2, 14, 14, 128], filters: 64, padding: .same)
    try OpChecks([.init(c.input, -0.1...0.1), .init(c.kernel, -0.1...0.1)]) { _, x in
      try c.convolve(x, .winograd) - c.convolve(x, .direct)
    }
    .expectExecutionMatchesReference(tolerance: 2e-6)
  }

  @Test(arguments: [
    Case(input: [3, 12, 13, 16], filters: 20, padding: .same),
    Case(input: [2, 9, 9, 18], filters: 16),
  ])
  func `Where it pays, a model learns by it`(_ c: Case) throws {
    let checks = OpChecks([c.input, c.kernel], -1...1) { _, x in try c.convolve(x, .direct) }
    try checks.expectGradientsMatchDifferences(tolerance: 1e-5, executionTolerance: 1e-5)
    let builder = ProgramBuilder()
    let x = [c.input, c.kernel].map { builder.input("x", TensorType($0)) }
    let loss = try c.convolve(x, .direct).sum(axes: [0, 1, 2, 3])
    for (name, value) in zip("ab", try builder.gradients(of: loss, withRespectTo: x)) {
      builder.output("\(name)", value)
    }
    builder.output("loss", loss)
    let options = Plan(builder.program, threads: 1).program.instructions.map(\.op.options)
    #expect(options.count(where: { $0.contains("winograd") }) == 2)
  }

  @Test func `Few channels, strides and other sizes are computed directly`() throws {
    let others = [
      ([3, 3, 4, 16], [1, 1]), ([3, 3, 16, 16], [1, 2]), ([3, 2, 16, 16], [1, 1]),
    ]
    for (kernel, strides) in others {
      let builder = ProgramBuilder()
      let x = builder.input("x", TensorType([2, 20, 20, kernel[2]]))
      let k = builder.input("k", TensorType(Shape(kernel)))
      builder.output("y", try x.convolved(k, strides: strides))
      let plan = Plan(builder.program, threads: 1)
      #expect(!plan.program.instructions.contains { $0.op.options.contains("winograd") })
    }
  }
}
