import Engine
import Tensors
import Testing

@Suite struct PassTests {
  /// The notebook's middle: `max(relu(conv1d(x, k) + b))`.
  private func program(keepingSums: Bool = false) throws -> Program {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([3, 9, 4]))
    let kernel = builder.state("kernel", [3, 4, 5])
    let bias = builder.state("bias", [5])
    let sums = try x.conv1D(kernel) + bias
    let result = try sums.apply(.relu()).max(axes: [1])
    if keepingSums { builder.output("sums", sums) }
    let loss = try result.apply(.square).sum(axes: [0, 1])
    let gradients = try builder.gradients(of: loss, withRespectTo: [x, kernel, bias])
    builder.output("y", result)
    for (name, gradient) in zip(["dx", "dk", "db"], gradients) { builder.output(name, gradient) }
    return builder.program
  }

  private func names(_ plan: Plan) -> [String] { plan.program.instructions.map(\.op.name) }

  @Test func `Under a maximum a convolution and its gradients are sparse`() throws {
    let names = names(Plan(try program(), threads: 1))
    #expect(names.prefix(3) == ["conv1dMaximum", "add", "relu"])
    #expect(names.contains("conv1dMaximumInputGradient"))
    #expect(names.contains("conv1dMaximumKernelGradient"))
    #expect(!names.contains { ["conv1d", "conv1dInputGradient", "max"].contains($0) })
  }

  @Test func `Rewritten and plain programs give the same`() throws {
    var generator = SeededGenerator(7)
    func draw(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in Float(generator.unit() * 2 - 1) })
    }
    let (x, kernel, bias) = (draw([3, 9, 4]), draw([3, 4, 5]), draw([5]))

    // The same model, its gradients taken of the program as it was built.
    let builder = ProgramBuilder()
    let input = builder.input("x", TensorType([3, 9, 4]))
    let k = builder.state("kernel", [3, 4, 5])
    let b = builder.state("bias", [5])
    let sums = try input.conv1D(k) + b
    // Maximum over a view, which no pass sees through.
    let result = try sums.apply(.relu()).reshaped([3, 7, 5, 1]).max(axes: [1]).reshaped([3, 5])
    let loss = try result.apply(.square).sum(axes: [0, 1])
    let gradients = try builder.gradients(of: loss, withRespectTo: [input, k, b])
    builder.output("y", result)
    for (name, gradient) in zip(["dx", "dk", "db"], gradients) { builder.output(name, gradient) }

    var found: [[String: Tensor]] = []
    for plan in [
      Plan(builder.program, threads: 2, passes: Passes.none), Plan(try program(), threads: 2),
    ] {
      let variables = Variables()
      variables.set("kernel", kernel)
      variables.set("bias", bias)
      let session = try Session(plan, variables: variables)
      try session.setInput(0, x)
      try session.run()
      found.append(
        Dictionary(uniqueKeysWithValues: ["y", "dx", "dk", "db"].map { ($0, session.output($0)) }))
    }
    for name in ["y", "dx", "dk", "db"] {
      let (plain, rewritten) = (try #require(found[0][name]), try #require(found[1][name]))
      expectClose(
        rewritten.scalars.doubles, plain.scalars.doubles, tolerance: 2e-6, name)
    }
  }

  @Test func `A convolution that something else reads stays`() throws {
    let plan = Plan(try program(keepingSums: true), threads: 1)
    #expect(names(plan).contains { $0.lowercased().contains("conv1d") && !$0.contains("Maximum") })
  }

  @Test func `An addition along the reduced axis stays before the maximum`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 3, 4]))
    let positions = builder.input("positions", TensorType([3, 1]))
    builder.output("y", try (x + positions).max(axes: [1]))
    let plan = Plan(builder.program, threads: 1)
    #expect(names(plan).prefix(2) == ["add", "max"])
  }

  @Test func `A bias and a relu come after the pooling of windows`() throws {
    var found: [[String: Tensor]] = []
    var generator = SeededGenerator(9)
    let input = Tensor([2, 4, 6, 3], (0..<144).map { _ in Float(generator.unit() * 4 - 2) })
    for isRewritten in [false, true] {
      let builder = ProgramBuilder()
      let x = builder.input("x", TensorType([2, 4, 6, 3]))
      let bias = try x.mean(axes: [0, 1, 2])
      var y = try (x + bias).apply(.relu())
      // No pass sees through a view.
      if !isRewritten { y = try y.reshaped([1, 8, 6, 3]).reshaped(x.shape) }
      y = try y.pooled(.max, .init(repeating: .sliding(size: 2, stride: 2), count: 2))
      let loss = try y.apply(.square).sum(axes: [0, 1, 2, 3])
      let gradients = try builder.gradients(of: loss, withRespectTo: [x])
      builder.output("y", y)
      builder.output("dx", gradients[0])
      let plan = Plan(builder.program, threads: 1)
      let order = names(plan).filter { ["add", "relu", "maxPool"].contains($0) }
      #expect(
        order.prefix(3) == (isRewritten ? ["maxPool", "add", "relu"] : ["add", "relu", "maxPool"]))
      let session = try Session(plan, variables: Variables())
      try session.setInput(0, input)
      try session.run()
      found.append(["y": session.output("y"), "dx": session.output("dx")])
    }
    #expect(found[0]["y"] == found[1]["y"])
    expectClose(
      try #require(found[1]["dx"]).scalars.doubles, try #require(found[0]["dx"]).scalars.doubles,
      tolerance: 2e-6, "dx")
  }

  @Test func `Ops that nothing reads are dropped`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2]))
    _ = try x.apply(.exp) * x
    builder.output("y", try x + x)
    #expect(names(Plan(builder.program, threads: 1)) == ["add"])
  }
}
