import Engine
import Kernels
import Tensors
import Testing

/// Products by kernels that are packed once.
@Suite(.enabled(if: PackedMatrix.lanes > 0, "this processor has no tiles for products"))
struct PackedKernelTests {
  private static func draw(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed)
    return Tensor(shape, (0..<shape.count).map { _ in Float(generator.unit() * 2 - 1) })
  }

  /// Checks that a program of x and the variable `kernel` gives the same however it is planned, and
  /// what its reference says.
  private func check(
    _ program: Program, _ x: Shape, _ kernel: Shape, ops: [String], tolerance: Double = 2e-6
  ) throws {
    let variables = Variables()
    variables.set("kernel", Self.draw(kernel, seed: 2))
    let input = Self.draw(x, seed: 1)
    func tensor(_ tensor: Tensor?) throws -> ReferenceTensor {
      let tensor = try #require(tensor)
      return ReferenceTensor(tensor.shape, tensor.scalars.doubles)
    }
    for threads in [1, 2, 3] {
      let plan = Plan(program, threads: threads)
      #expect(plan.program.instructions.map(\.op.name) == ops)
      let session = try Session(plan, variables: variables)
      let states = ["kernel": try tensor(variables.tensor("kernel"))]
      for program in [program, plan.program] {
        let expected = program.evaluateReference(inputs: [try tensor(input)], states: states)
        try session.setInput(0, input)
        try session.run()
        expectClose(
          session.output("y").scalars.doubles, try #require(expected["y"]).values,
          tolerance: tolerance, "\(threads) threads")
      }
    }
  }

  private static let cases =
    Conv1DTests.cases.filter { $0.groups == 1 && $0.input[0] > 0 } + [
      .init(input: [1, 90, 8], kernel: [3, 8, 40]),
      .init(input: [2, 50, 4], kernel: [3, 4, 33], padding: .same, dilation: 2),
      .init(input: [7, 30, 4], kernel: [2, 4, 5]),
      .init(input: [1, 400, 4], kernel: [2, 4, 300]),
    ]

  @Test(arguments: cases, [true, false])
  func `A convolution by a packed kernel gives the same`(
    _ c: Conv1DTests.Case, takesMaximum: Bool
  ) throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType(c.input))
    let result = try c.convolve([x, builder.state("kernel", c.kernel)])
    builder.output("y", takesMaximum ? try result.max(axes: [1]) : result)
    try check(
      builder.program, c.input, c.kernel,
      ops: takesMaximum ? ["pack", "packedConv1dMaximum"] : ["packConvKernel", "packedConv1d"])
  }

  @Test(arguments: [(16, 5, 3), (40, 33, 70), (300, 64, 32)])
  func `A product by a packed matrix gives the same`(rows: Int, inner: Int, columns: Int) throws {
    for isTransposed in [false, true] {
      let shape: Shape = isTransposed ? [columns, inner] : [inner, columns]
      let builder = ProgramBuilder()
      let x = builder.input("x", TensorType([rows, inner]))
      builder.output(
        "y", try x.matmul(builder.state("kernel", shape), transposeB: isTransposed))
      try check(
        builder.program, [rows, inner], shape, ops: ["pack", "packedMatmul"], tolerance: 4e-6)
    }
  }

  @Test func `Few rows, and a matrix that a run changes, are multiplied as they are`() throws {
    let few = ProgramBuilder()
    few.output(
      "y", try few.input("x", TensorType([15, 4])).matmul(few.state("kernel", [4, 3])))
    let learns = ProgramBuilder()
    let kernel = learns.state("kernel", [4, 3])
    learns.output("y", try learns.input("x", TensorType([20, 4])).matmul(kernel))
    learns.update(kernel, to: try kernel.scaled(by: 2))
    for builder in [few, learns] {
      let names = Plan(builder.program, threads: 1).program.instructions.map(\.op.name)
      #expect(names.first == "matmul" && !names.contains("pack"))
    }
  }

  @Test(arguments: [1, 4])
  func `A NaN reaches the maximum of every window that sees it`(samples: Int) throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([samples, 40, 4]))
    builder.output("y", try x.conv1D(builder.state("kernel", [3, 4, 5])).max(axes: [1]))
    let variables = Variables()
    variables.set("kernel", Self.draw([3, 4, 5], seed: 2))
    let session = try Session(Plan(builder.program, threads: 2), variables: variables)
    for position in [0, 20, 39] {
      var values = Self.draw([samples, 40, 4], seed: 1).scalars.floats
      values[position * 4 + 1] = .nan
      try session.setInput(0, Tensor([samples, 40, 4], values))
      try session.run()
      let found = session.output("y").scalars.floats
      #expect(found.prefix(5).allSatisfy(\.isNaN) && !found.dropFirst(5).contains(where: \.isNaN))
    }
  }
}
