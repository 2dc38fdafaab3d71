import Engine
import Tensors
import Testing

@Suite struct FoldedScaleTests {
  private static func draw(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed)
    return Tensor(shape, (0..<shape.count).map { _ in Float(generator.unit() * 2 - 1) })
  }

  /// A convolution or a matrix product, a bias or none, and a normalisation of what comes out.
  private func program(
    isConvolution: Bool, hasBias: Bool, readsSums: Bool = false
  ) throws -> Program {
    let builder = ProgramBuilder()
    var y: Value
    if isConvolution {
      let x = builder.input("x", TensorType([2, 5, 6, 4]))
      y = try x.convolved(builder.state("kernel", [3, 2, 4, 5]), padding: .same)
    } else {
      y = try builder.input("x", TensorType([20, 4])).matmul(builder.state("kernel", [4, 5]))
    }
    if hasBias { y = try y + builder.state("bias", [5]) }
    if readsSums { builder.output("sums", y) }
    let factor = try builder.state("variance", [5]).apply(.square).adding(0.5).apply(.rsqrt)
    y = try y.scaled(by: factor, shift: builder.state("shift", [5])).apply(.relu())
    builder.output("y", y)
    return builder.program
  }

  @Test(arguments: [true, false], [true, false])
  func `Scaling the kernel gives what scaling the results gives`(
    isConvolution: Bool, hasBias: Bool
  ) throws {
    let program = try program(isConvolution: isConvolution, hasBias: hasBias)
    let variables = Variables()
    var states: [String: ReferenceTensor] = [:]
    for (place, port) in program.states.enumerated() {
      let tensor = Self.draw(program.types[port.value].shape, seed: UInt64(place + 1))
      variables.set(port.name, tensor)
      states[port.name] = ReferenceTensor(tensor.shape, tensor.scalars.doubles)
    }
    let x = Self.draw(program.types[program.inputs[0].value].shape, seed: 9)
    let expected = program.evaluateReference(
      inputs: [ReferenceTensor(x.shape, x.scalars.doubles)], states: states)
    for threads in [1, 2] {
      let plan = Plan(program, threads: threads)
      let names = plan.program.instructions.map(\.op.name)
      #expect(!names.contains { $0.contains("scaleShift") })
      #expect(names.last?.hasSuffix("+bias+relu") == true)
      let session = try Session(plan, variables: variables)
      try session.setInput(0, x)
      for _ in 1...2 {
        try session.run()
        expectClose(
          session.output("y").scalars.doubles, try #require(expected["y"]).values,
          tolerance: 4e-6, "\(threads) threads")
      }
    }
  }

  @Test func `What else reads the results keeps them, and what the input decides is not folded`()
    throws
  {
    let read = try program(isConvolution: true, hasBias: true, readsSums: true)
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([20, 4]))
    let y = try x.matmul(builder.state("kernel", [4, 5]))
    let scale = builder.input("scale", TensorType([5]))
    builder.output("y", try y.scaled(by: scale, shift: builder.state("shift", [5])))
    for program in [read, builder.program] {
      let names = Plan(program, threads: 1).program.instructions.map(\.op.name)
      #expect(names.contains("scaleShift"))
    }
  }
}
