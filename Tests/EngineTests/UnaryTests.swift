import Engine
import Kernels
import Tensors
import Testing

/// One of each function, and more where options choose between formulas.
let unaryFunctions: [UnaryFunction] = [
  .affine(scale: 1.5, offset: -0.25), .negate, .abs, .sign, .square, .sqrt, .rsqrt, .reciprocal,
  .power(2.5), .power(-1), .exp, .log, .clip(-0.7, 1.3),
  .relu(), .relu(maxValue: 6), .relu(maxValue: 1.2), .relu(threshold: 0.7),
  .relu(negativeSlope: 0.3), .relu(negativeSlope: 0.3, maxValue: 1.5, threshold: 0.4),
  .relu(negativeSlope: 0.3, threshold: -0.5), .leakyRelu(), .relu6,
  .elu(), .elu(alpha: 2), .elu(alpha: -0.5), .selu, .celu(), .celu(alpha: 0.7),
  .sigmoid, .tanh, .softplus, .logSigmoid, .softsign, .silu, .mish,
  .gelu(), .gelu(approximate: true), .squareplus(), .squareplus(b: 0.5),
  .hardSigmoid, .hardSigmoidKeras2, .hardSilu, .hardTanh, .hardShrink(), .softShrink(),
  .tanhShrink, .threshold(0.3, value: -2), .sparsePlus, .sparseSigmoid,
]

@Suite struct UnaryTests {
  @Test func `Every loop is tested`() {
    #expect(Set(unaryFunctions.map(\.name)) == Set(UnaryLoop.names))
  }

  /// Ends, kinks, and what overflows or underflows inside some formula.
  static let specialPoints: [Float] = [
    0, -0.0, 1, -1, 0.5, -0.5, 2.5, -2.5, 3, -3, 6, 0.625, -0.625, 20, -20, 88, -88, 89, -89, 100,
    -100, -104, 1000, -1000, 1e-3, -1e-3, 1e-20, -1e-20, 0x1p-133, -0x1p-133, 1e12, .infinity,
    -.infinity, .nan, .leastNonzeroMagnitude,
  ]

  @Test(arguments: unaryFunctions)
  func `The values of the loop are those of the reference`(function: UnaryFunction) throws {
    // Enough for whole vectors, a remainder, and every size of argument.
    let points =
      Self.specialPoints
      + stride(from: Float(-12), through: 12, by: 0.0137)
      + stride(from: Float(-100), through: 100, by: 0.731)
      + stride(from: Float(-40), through: 4, by: 0.37).flatMap { e in
        [Float.spreadOverExponents(e), -Float.spreadOverExponents(e)]
      }
    let buffer = Memory(count: points.count).filled(points)
    function.loop.values(
      of: buffer.values, parameters: function.parameters, into: buffer.values, threads: 2)
    expectNear(buffer.values.floatArray, points, function.value)
  }

  @Test(arguments: unaryFunctions)
  func `The derivatives of the loop are those of the reference`(function: UnaryFunction) throws {
    let derivative: (Double) -> Double
    switch function.derivative {
    case .constant(let slope): derivative = { _ in Double(slope) }
    case .ofInput(let f), .ofOutput(let f): derivative = f
    }
    let points = Self.specialPoints + stride(from: Float(-12), through: 12, by: 0.0137)
    let at = Memory(count: points.count).filled(points)
    let ones = Memory(count: points.count).filled(.init(repeating: 1, count: points.count))
    function.loop.gradient(
      at: at.values, of: ones.values, parameters: function.parameters, into: ones.values,
      threads: 2)
    expectNear(ones.values.floatArray, points, derivative)
  }

  /// Compares relative to the value, and to 1 where formulas subtract numbers of that size: some
  /// roundings of float32. Reports the worst point.
  private func expectNear(
    _ found: [Float], _ points: [Float], _ exact: (Double) -> Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var worst = (error: 0.0, x: Float(0), found: Float(0), exact: 0.0)
    for (x, found) in zip(points, found) {
      let exact = exact(Double(x))
      if found == Float(exact) || (found.isNaN && exact.isNaN) { continue }
      let error = (Double(found) - exact).magnitude / (4e-7 * exact.magnitude + 2e-7)
      if !(error <= worst.error) { worst = (error, x, found, exact) }
    }
    #expect(
      worst.error <= 1, "at \(worst.x) it is \(worst.found), not \(worst.exact)",
      sourceLocation: sourceLocation)
  }

  @Test(arguments: unaryFunctions)
  func `The derivative is that of the value`(function: UnaryFunction) throws {
    let isPositive = ["sqrt", "rsqrt", "log", "power"].contains(function.name)
    let checks = OpChecks([[60]], isPositive ? 0.3...4 : -4...4) { _, x in
      try x[0].apply(function)
    }
    try checks.expectGradientsMatchDifferences(tolerance: 1e-5, executionTolerance: 1e-5)
  }

  @Test func `Large operands are shared out over threads`() throws {
    try OpChecks([[500, 401]]) { _, x in try x[0].apply(.tanh) }.expectExecutionMatchesReference()
  }

  /// The accuracy that the polynomials were fitted for: relative to the value, tails included.
  @Test(
    arguments: [
      (.exp, 1.2e-7), (.log, 1.2e-7), (.tanh, 2e-7), (.sigmoid, 2.5e-7), (.softplus, 3e-7),
    ] as [(UnaryFunction, Double)])
  func `Elementary functions are accurate to a few roundings`(
    function: UnaryFunction, tolerance: Double
  ) {
    var generator = SeededGenerator(11)
    let points = (0..<50_000).map { _ in
      Float(bitPattern: UInt32.random(in: 0...(.max), using: &generator))
    }
    let buffer = Memory(count: points.count).filled(points)
    function.loop.values(of: buffer.values, parameters: [], into: buffer.values, threads: 1)
    var worst = (error: 0.0, x: Float(0))
    for (x, found) in zip(points, buffer.values.floatArray) {
      let exact = function.value(Double(x))
      guard Float(exact).isNormal else { continue }
      let error = ((Double(found) - exact) / exact).magnitude
      if !(error <= worst.error) { worst = (error, x) }
    }
    #expect(worst.error <= tolerance, "\(function.name) at \(worst.x)")
  }

  @Test func `A function whose derivative needs only its output runs in place`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([1024]))
    builder.output("y", try x.adding(1).apply(.relu()).apply(.tanh))
    let plan = Plan(builder.program, threads: 1)
    #expect(plan.memoryCount == 2 * 1024)
  }
}

extension Float {
  fileprivate static func spreadOverExponents(_ e: Float) -> Float {
    Float(sign: .plus, exponent: Int(e.rounded(.down)), significand: 1 + (e - e.rounded(.down)))
  }
}

extension Memory {
  /// This memory with its elements set, kept alive together with the buffer of them.
  fileprivate func filled(_ elements: [Float]) -> (memory: Memory, values: Buffer) {
    let buffer = buffer(0..<elements.count)
    buffer.store(elements)
    return (self, buffer)
  }
}
