import Engine
import Tensors
import Testing

@Suite struct RowNormalizationTests {
  /// Rows less than a vector, one, several with a rest; of one block and of more.
  @Test(
    arguments: [[5, 3], [4, 16], [3, 2, 19], [2, 3, 2, 150], [150, 7], [131, 18], [6]] as [Shape],
    [true, false])
  func `A normalised row and its gradients match the reference`(
    shape: Shape, centers: Bool
  ) throws {
    let width: Shape = [shape[shape.rank - 1]]
    let checks = OpChecks([shape, width, width]) { _, x in
      try x[0].rowsNormalized(gamma: x[1], beta: x[2], epsilon: 1e-3, centers: centers)
    }
    try checks.expectExecutionMatchesReference(tolerance: 4e-6)
    // The differences of a quotient are less exact, and of 150 rows the sums lose some digits.
    try checks.expectGradientsMatchDifferences(tolerance: 4e-6, executionTolerance: 2e-5)
  }

  @Test func `Many rows are shared out over threads and are the same with any number`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([30, 61, 35]))
    let g = builder.input("g", x.type)
    let gamma = try x.mean(axes: [0, 1])
    let y = try x.rowsNormalized(gamma: gamma, beta: gamma, epsilon: 1e-3)
    let loss = try (y * g).sum(axes: [0, 1, 2])
    let outputs = [y] + (try builder.gradients(of: loss, withRespectTo: [x, gamma]))
    for (place, output) in outputs.enumerated() { builder.output("\(place)", output) }
    var generator = SeededGenerator(4)
    let inputs = [0, 1].map { _ in
      Tensor(x.shape, (0..<x.shape.count).map { _ in Float(generator.unit() * 4 + 1) })
    }
    var first: [Tensor] = []
    for threads in 1...4 {
      let session = try Session(Plan(builder.program, threads: threads), variables: Variables())
      for (place, input) in inputs.enumerated() { try session.setInput(place, input) }
      try session.run()
      let found = outputs.indices.map { session.output("\($0)") }
      if first.isEmpty { first = found }
      #expect(found == first)
    }
  }

  @Test func `A large mean costs the variance nothing`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([3, 1000]))
    let (one, zero) = (try builder.constant(1, [1000]), try builder.constant(0, [1000]))
    builder.output("y", try x.rowsNormalized(gamma: one, beta: zero, epsilon: 0))
    let session = try Session(Plan(builder.program, threads: 2), variables: Variables())
    // Whole numbers around 4096, so that they are exact: ±1 in turn, a variance of 1.
    try session.setInput(
      0, Tensor(x.shape, (0..<3000).map { Float(4096 + ($0 % 2 == 0 ? 1 : -1)) }))
    try session.run()
    #expect(session.output("y").scalars.floats.allSatisfy { abs($0) == 1 })
  }

  @Test func `Vectors of another length and empty rows are refused`() {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 3]))
    let two = builder.input("two", TensorType([2]))
    #expect(throws: EngineError.self) {
      try x.rowsNormalized(gamma: two, beta: two, epsilon: 0)
    }
    let none = builder.input("none", TensorType([2, 0]))
    let empty = builder.input("empty", TensorType([0]))
    #expect(throws: EngineError.self) {
      try none.rowsNormalized(gamma: empty, beta: empty, epsilon: 0)
    }
  }
}
