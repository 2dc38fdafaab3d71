import Engine
import Tensors
import Testing

/// Linear ops on the rows of an embedding, as look-ups.
@Suite struct TokenTableTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var samples = 3
    var length = 9
    var vocabulary = 7
    var channels = 16
    var size = 3
    var filters = 5
    var strides = 1
    var padding = Padding.valid
    var dilation = 1

    var testDescription: String {
      "\(samples)×\(length) tokens of \(vocabulary), kernel [\(size), \(channels), \(filters)], "
        + "strides \(strides), \(padding), dilation \(dilation)"
    }

    /// Runs that repay any table here.
    static let many = 1000

    func program(takesMaximum: Bool) throws -> Program {
      let builder = ProgramBuilder()
      let tokens = builder.input("tokens", TensorType([samples, length], .int32))
      let rows = try builder.state("embedding", [vocabulary, channels]).gathered(by: tokens)
      let result = try rows.conv1D(
        builder.state("kernel", [size, channels, filters]), strides: strides, padding: padding,
        dilation: dilation)
      builder.output("y", takesMaximum ? try result.max(axes: [1]) : result)
      return builder.program
    }

    func variables() -> Variables {
      let variables = Variables()
      variables.set("embedding", TokenTableTests.draw([vocabulary, channels], seed: 1))
      variables.set("kernel", TokenTableTests.draw([size, channels, filters], seed: 2))
      return variables
    }

    var tokens: Tensor {
      var generator = SeededGenerator(3)
      return Tensor(
        [samples, length],
        (0..<samples * length).map { _ in Int32(generator.next() % UInt64(vocabulary)) })
    }
  }

  static let cases = [
    Case(), Case(strides: 2), Case(padding: .same), Case(padding: .causal),
    Case(size: 4, padding: .same), Case(strides: 3, padding: .same), Case(dilation: 2),
    Case(padding: .same, dilation: 3), Case(padding: .causal, dilation: 4), Case(size: 1),
    Case(size: 2, filters: 17), Case(length: 3, size: 5, padding: .same),
    Case(length: 1, size: 2, padding: .same, dilation: 2), Case(size: 5, filters: 48),
    Case(filters: 64, padding: .same), Case(filters: 65), Case(filters: 100, strides: 2),
    Case(filters: 200), Case(samples: 1, length: 90, filters: 130), Case(size: 9, strides: 9),
    Case(samples: 40, length: 60, vocabulary: 300, channels: 33, filters: 96, padding: .same),
  ]

  static func draw(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed)
    return Tensor(shape, (0..<shape.count).map { _ in Float(generator.unit() * 2 - 1) })
  }

  private func names(_ plan: Plan) -> [String] { plan.program.instructions.map(\.op.name) }

  private func output(_ plan: Plan, _ variables: Variables, _ tokens: Tensor) throws -> [Double] {
    let session = try Session(plan, variables: variables)
    try session.setInput(0, tokens)
    try session.run()
    return session.output("y").scalars.doubles
  }

  @Test(arguments: cases, [true, false])
  func `A table gives what the convolution gives`(_ c: Case, takesMaximum: Bool) throws {
    let program = try c.program(takesMaximum: takesMaximum)
    let expected = try output(
      Plan(program, threads: 1, passes: Passes.none), c.variables(), c.tokens)
    for threads in [1, 2, 3] {
      let plan = Plan(program, threads: threads, runs: Case.many)
      #expect(names(plan) == ["tokenTable", takesMaximum ? "tokenConv1dMaximum" : "tokenConv1d"])
      expectClose(
        try output(plan, c.variables(), c.tokens), expected, tolerance: 4e-6, "\(threads) threads")
    }
  }

  /// The rewritten program's own definition, in float64, against the fast execution.
  @Test(arguments: cases, [true, false])
  func `Execution matches the reference`(_ c: Case, takesMaximum: Bool) throws {
    let plan = Plan(try c.program(takesMaximum: takesMaximum), threads: 2, runs: Case.many)
    let variables = c.variables()
    func reference(_ tensor: Tensor?) throws -> ReferenceTensor {
      let tensor = try #require(tensor)
      return ReferenceTensor(tensor.shape, tensor.scalars.doubles)
    }
    let expected = plan.program.evaluateReference(
      inputs: [try reference(c.tokens)],
      states: [
        "embedding": try reference(variables.tensor("embedding")),
        "kernel": try reference(variables.tensor("kernel")),
      ])
    expectClose(
      try output(plan, variables, c.tokens), try #require(expected["y"]).values, tolerance: 4e-6,
      "\(c)")
  }

  @Test func `A dense layer on an embedding is looked up, through a view too`() throws {
    let builder = ProgramBuilder()
    let tokens = builder.input("tokens", TensorType([4, 6], .int32))
    let rows = try builder.state("embedding", [7, 16]).gathered(by: tokens)
    let kernel = builder.state("kernel", [16, 5])
    builder.output("y", try rows.reshaped([24, 16]).matmul(kernel).reshaped([4, 6, 5]))
    let variables = Variables()
    variables.set("embedding", Self.draw([7, 16], seed: 1))
    variables.set("kernel", Self.draw([16, 5], seed: 2))
    let tokenTensor = Tensor([4, 6], (0..<24).map { Int32($0 % 7) })
    let plan = Plan(builder.program, threads: 2, runs: 10)
    #expect(names(plan) == ["matmul", "reshape", "gather", "reshape"])
    expectClose(
      try output(plan, variables, tokenTensor),
      try output(Plan(builder.program, threads: 2, passes: Passes.none), variables, tokenTensor),
      tolerance: 2e-6, "a dense layer")
  }

  @Test func `Few tokens do not repay a table`() throws {
    let program = try Case(samples: 2, length: 10, vocabulary: 1000).program(takesMaximum: true)
    // 20 tokens a run; 2,000 repay the table.
    let (few, many) = (Plan(program, threads: 1, runs: 99), Plan(program, threads: 1, runs: 100))
    #expect(!names(few).contains("tokenTable"))
    #expect(names(many) == ["tokenTable", "tokenConv1dMaximum"])
    #expect(few.runs == 1...99)
    #expect(many.runs == 100...Int.max)
  }

  @Test func `A product with a constant is none of a look-up`() throws {
    let builder = ProgramBuilder()
    let ones = try builder.constant(1, [2, 16])
    builder.output("y", try ones.matmul(builder.state("kernel", [16, 3])))
    let plan = Plan(builder.program, threads: 1, runs: Case.many)
    #expect(plan.program.instructions.map(\.op.name) == ["constant", "matmul"])
  }

  @Test func `Narrow rows, large tables and programs that learn have none`() throws {
    let large = Case(vocabulary: 1 << 20, filters: 64)
    for plan in [try plan(Case(channels: 15)), try plan(large, runs: 1 << 20)] {
      #expect(names(plan).first == "gather" && !names(plan).contains("tokenTable"))
    }
    let builder = ProgramBuilder()
    let tokens = builder.input("tokens", TensorType([3, 9], .int32))
    let kernel = builder.state("kernel", [2, 16, 4])
    let rows = try builder.state("embedding", [7, 16]).gathered(by: tokens)
    builder.output("y", try rows.conv1D(kernel).max(axes: [1]))
    builder.update(kernel, to: try kernel.scaled(by: 2))
    #expect(!names(Plan(builder.program, threads: 1, runs: 100)).contains("tokenTable"))
  }

  private func plan(_ c: Case, runs: Int = Case.many) throws -> Plan {
    Plan(try c.program(takesMaximum: false), threads: 1, runs: runs)
  }

  @Test func `A changed variable is seen by the next run, whoever changed it`() throws {
    let c = Case()
    let variables = c.variables()
    let plan = Plan(try c.program(takesMaximum: true), threads: 2, runs: Case.many)
    let session = try Session(plan, variables: variables)
    let other = try Session(plan, variables: variables)
    func check(_ session: Session, _ what: String) throws {
      try session.setInput(0, c.tokens)
      try session.run()
      expectClose(
        session.output("y").scalars.doubles,
        try output(
          Plan(c.program(takesMaximum: true), threads: 1, passes: Passes.none), variables, c.tokens),
        tolerance: 4e-6, what)
    }
    try check(session, "at first")
    variables.set("kernel", Self.draw([3, 16, 5], seed: 8))
    try check(session, "after a new kernel")
    try check(other, "in another session")

    let builder = ProgramBuilder()
    let embedding = builder.state("embedding", [7, 16])
    builder.update(embedding, to: try embedding.scaled(by: 3))
    try Session(Plan(builder.program, threads: 1), variables: variables).run()
    try check(other, "after an update by a program")
    try check(session, "after an update by a program, in the first session")
  }

  @Test func `A token outside the vocabulary is refused as without a table`() throws {
    let c = Case(samples: 1, length: 4)
    let tokens = Tensor([1, 4], [0, 6, 7, 1] as [Int32])
    let program = try c.program(takesMaximum: true)
    for plan in [Plan(program, threads: 1), Plan(program, threads: 1, runs: Case.many)] {
      let session = try Session(plan, variables: c.variables())
      try session.setInput(0, tokens)
      #expect(
        throws: EngineError(.indexOutOfRange(op: "gather", index: 7, position: 2, bound: 7))
      ) { try session.run() }
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `What is no number spreads as without a table`(value: Float) throws {
    let c = Case(samples: 8, filters: 20, padding: .same)
    let variables = c.variables()
    var rows = try #require(variables.tensor("embedding")).scalars.floats
    rows[5 * 16 + 3] = value
    variables.set("embedding", Tensor([7, 16], rows))
    let program = try c.program(takesMaximum: true)
    let plain = try output(Plan(program, threads: 1), variables, c.tokens)
    let looked = try output(Plan(program, threads: 2, runs: Case.many), variables, c.tokens)
    expectClose(looked, plain, tolerance: 4e-6, "\(value)")
    #expect(looked.contains { !$0.isFinite })
  }
}

@Suite struct PreparationTests {
  @Test func `What depends on variables alone has memory of its own, shared by sessions`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([4]))
    let a = builder.state("a", [4])
    builder.output("y", try x + a.apply(.square).apply(.exp))
    let plan = Plan(builder.program, threads: 1)
    let variables = Variables()
    variables.set("a", Tensor([4], [0, 1, 2, 0.5] as [Float]))
    let sessions = [
      try Session(plan, variables: variables), try Session(plan, variables: variables),
    ]
    for value in [Float(0), 1] {
      variables.set("a", Tensor([4], [Float](repeating: value, count: 4)))
      for session in sessions {
        try session.setInput(0, Tensor([4], [1, 2, 3, 4] as [Float]))
        try session.run()
        let power = value == 0 ? 1 : 2.718281828
        expectClose(
          session.output("y").scalars.doubles, [1, 2, 3, 4].map { $0 + power }, tolerance: 1e-6, "y"
        )
      }
    }
  }

  @Test func `Dropout of a variable is drawn in each run`() throws {
    let builder = ProgramBuilder()
    builder.output("y", try builder.state("a", [64]).dropout(rate: 0.5, stream: 1))
    let variables = Variables()
    variables.set("a", Tensor([64], [Float](repeating: 1, count: 64)))
    let session = try Session(Plan(builder.program, threads: 1), variables: variables)
    try session.run(seed: 1, step: 1)
    let first = session.output("y")
    try session.run(seed: 1, step: 2)
    #expect(session.output("y") != first)
  }
}
