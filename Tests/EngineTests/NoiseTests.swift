import Engine
import Tensors
import Testing

@Suite struct NoiseTests {
  /// Parts of a group of 64, one, and many that are shared out over threads.
  @Test(arguments: [1, 40, 64, 100, 200_003])
  func `Noise matches the reference`(count: Int) throws {
    for isFactor in [false, true] {
      let checks = OpChecks([[count]]) {
        try $1[0].noisy(deviation: 0.7, isFactor: isFactor, stream: 3)
      }
      // The polynomials of sine, cosine and logarithm, at lengths up to 5.8.
      try checks.expectExecutionMatchesReference(tolerance: 4e-6)
      guard count < 1000 else { continue }
      try checks.expectGradientsMatchDifferences(executionTolerance: 4e-6)
    }
  }

  @Test func `Numbers are normal, others in each run and stream, and the same for a seed`() throws {
    let builder = ProgramBuilder()
    let zero = try builder.constant(0, [400_000])
    for stream in [1, 2] as [UInt64] {
      builder.output("\(stream)", try zero.noisy(deviation: 2, stream: stream))
    }
    let session = try Session(Plan(builder.program, threads: 2), variables: Variables())
    func draw(_ stream: Int, step: UInt64) throws -> [Double] {
      try session.run(seed: 5, step: step)
      return session.output("\(stream)").scalars.doubles
    }
    let first = try draw(1, step: 1)
    #expect(try draw(1, step: 1) == first)
    #expect(try draw(1, step: 2) != first)
    #expect(try draw(2, step: 1) != first)
    // Of 400,000 numbers a moment is known to a few thousandths; five deviations of that are allowed.
    let count = Double(first.count)
    let moments = (1...4).map { power in
      first.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x / 2 } }
        / count
    }
    #expect(abs(moments[0]) < 5 / count.squareRoot())
    #expect(abs(moments[1] - 1) < 5 * (2 / count).squareRoot())
    #expect(abs(moments[2]) < 5 * (15 / count).squareRoot())
    #expect(abs(moments[3] - 3) < 5 * (96 / count).squareRoot())
    let neighbours = zip(first, first.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / 4 / count
    #expect(abs(neighbours) < 5 / count.squareRoot())
  }

  @Test func `A deviation that is no number is refused`() {
    let x = ProgramBuilder().input("x", TensorType([2]))
    #expect(throws: EngineError.self) { try x.noisy(deviation: -1, stream: 0) }
    #expect(throws: EngineError.self) { try x.noisy(deviation: .infinity, stream: 0) }
  }
}
