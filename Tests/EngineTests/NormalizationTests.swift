import Engine
import Tensors
import Testing

@Suite struct NormalizationTests {
  /// Channels less than a vector, one, several with a rest; rows of one block and of more.
  static let shapes: [Shape] = [
    [5, 3], [4, 16], [3, 2, 19], [2, 3, 2, 50], [300, 7], [131, 118],
  ]

  @Test(arguments: shapes)
  func `A factor and a term for each channel match the reference`(shape: Shape) throws {
    let channels: Shape = [shape[shape.rank - 1]]
    let checks = OpChecks([shape, channels, channels]) { _, x in
      try x[0].scaled(by: x[1], shift: x[2])
    }
    try checks.expectExecutionMatchesReference()
    // Sums of up to 300 products of size up to 4.
    try checks.expectGradientsMatchDifferences(executionTolerance: 2e-5)
  }

  @Test(arguments: shapes)
  func `A normalised batch and its gradients match the reference`(shape: Shape) throws {
    let channels: Shape = [shape[shape.rank - 1]]
    let operands: [OpChecks.Operand] = [.init(shape), .init(channels), .init(channels)]
    let checks = OpChecks(operands) { _, x in
      try x[0].batchNormalized(gamma: x[1], beta: x[2], epsilon: 1e-3).output
    }
    try checks.expectExecutionMatchesReference(tolerance: 4e-6)
    // The differences of a quotient are less exact, and small batches have large quotients; of 300 rows
    // the sums lose some digits.
    try checks.expectGradientsMatchDifferences(tolerance: 4e-6, executionTolerance: 4e-5)
  }

  @Test func `Large batches are shared out over threads and are the same with any number`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([64, 30, 35]))
    let g = builder.input("g", x.type)
    let gamma = try x.mean(axes: [0, 1])
    let (y, mean, variance) = try x.batchNormalized(gamma: gamma, beta: gamma, epsilon: 1e-3)
    let loss = try (y * g).sum(axes: [0, 1, 2])
    let gradients = try builder.gradients(of: loss, withRespectTo: [x, gamma])
    let outputs = [y, mean, variance] + gradients
    for (place, output) in outputs.enumerated() { builder.output("\(place)", output) }
    var generator = SeededGenerator(4)
    let inputs = [0, 1].map { _ in
      Tensor(x.shape, (0..<x.shape.count).map { _ in Float(generator.unit() * 4 + 1) })
    }
    let expected = builder.program.evaluateReference(
      inputs: inputs.map { ReferenceTensor($0.shape, $0.scalars.doubles) }, states: [:])
    var first: [Tensor] = []
    for threads in 1...4 {
      let session = try Session(Plan(builder.program, threads: threads), variables: Variables())
      for (place, input) in inputs.enumerated() { try session.setInput(place, input) }
      try session.run()
      let found = outputs.indices.map { session.output("\($0)") }
      for (place, tensor) in found.enumerated() {
        // Sums of 1,920 gradients of size up to 5, and what follows from them.
        expectClose(
          tensor.scalars.doubles, expected["\(place)"]?.values ?? [], tolerance: 2e-5,
          "result \(place) with \(threads) threads")
      }
      if first.isEmpty { first = found }
      #expect(found == first)
    }
  }

  @Test func `A large mean costs the variance nothing`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([1000, 17]))
    let vector = try x.mean(axes: [0])
    let variance = try x.batchNormalized(gamma: vector, beta: vector, epsilon: 0).variance
    builder.output("variance", variance)
    let session = try Session(Plan(builder.program, threads: 2), variables: Variables())
    // Whole numbers around 4096, so that they are exact: ±1 in turn, a variance of 1.
    try session.setInput(
      0, Tensor(x.shape, (0..<17_000).map { Float(4096 + ($0 / 17 % 2 == 0 ? 1 : -1)) }))
    try session.run()
    #expect(session.output("variance").scalars.floats.allSatisfy { $0 == 1 })
  }

  @Test func `Vectors of another length are refused`() {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 3]))
    let two = builder.input("two", TensorType([2]))
    let three = builder.input("three", TensorType([3]))
    #expect(throws: EngineError.self) { try x.scaled(by: two, shift: three) }
    #expect(throws: EngineError.self) { try x.scaled(by: three, shift: two) }
    #expect(throws: EngineError.self) {
      try x.batchNormalized(gamma: two, beta: two, epsilon: 0)
    }
  }
}
