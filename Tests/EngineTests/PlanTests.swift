import Engine
import Tensors
import Testing

@Suite struct PlanTests {
  @Test func `Values that never live at once share memory`() throws {
    let builder = ProgramBuilder()
    var value = builder.input("x", TensorType([1000]))
    for _ in 0..<10 { value = try value.reshaped([1000]).apply(.tanh) }
    builder.output("y", value)
    // The input keeps its memory; the chain works in place in one more.
    #expect(Plan(builder.program, threads: 1).memoryCount <= 2 * 1008)
  }

  @Test func `An input can be run on again`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([3]))
    builder.output("y", try x.apply(.square))
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    try session.setInput(0, Tensor([3], [1, 2, 3] as [Float]))
    for _ in 0..<2 {
      try session.run()
      #expect(session.output("y") == Tensor([3], [1, 4, 9] as [Float]))
    }
  }

  @Test func `An update is visible to the next run and not to this one`() throws {
    let builder = ProgramBuilder()
    let count = builder.state("count", [1])
    let next = try count.adding(1)
    builder.update(count, to: next)
    builder.output("before", try count.scaled(by: 1))
    let variables = Variables()
    variables.set("count", Tensor([1], [5] as [Float]))
    let session = try Session(Plan(builder.program, threads: 1), variables: variables)
    try session.run()
    #expect(session.output("before").scalars.floats == [5])
    #expect(variables.tensor("count")?.scalars.floats == [6])
    try session.run()
    #expect(session.output("before").scalars.floats == [6])
  }

  @Test func `Two states can exchange their contents`() throws {
    let builder = ProgramBuilder()
    let (a, b) = (builder.state("a", [2]), builder.state("b", [2]))
    builder.update(a, to: b)
    builder.update(b, to: a)
    let variables = Variables()
    variables.set("a", Tensor([2], [1, 2] as [Float]))
    variables.set("b", Tensor([2], [3, 4] as [Float]))
    try Session(Plan(builder.program, threads: 1), variables: variables).run()
    #expect(variables.tensor("a")?.scalars.floats == [3, 4])
    #expect(variables.tensor("b")?.scalars.floats == [1, 2])
  }

  @Test func `A session outlives the replacement of a variable`() throws {
    let builder = ProgramBuilder()
    builder.output("y", try builder.state("a", [2]).adding(1))
    let variables = Variables()
    variables.set("a", Tensor([2], [1, 2] as [Float]))
    let session = try Session(Plan(builder.program, threads: 1), variables: variables)
    variables.set("a", Tensor([3], [7, 8, 9] as [Float]))
    try session.run()
    #expect(session.output("y").scalars.floats == [2, 3])
  }

  @Test func `A missing variable and a wrong input are told by name`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2]))
    builder.output("y", try x + builder.state("dense/bias", [2]))
    let plan = Plan(builder.program, threads: 1)
    let missing = #expect(throws: EngineError.self) { try Session(plan, variables: Variables()) }
    #expect(missing?.description == "There is no variable 'dense/bias' of shape (2,).")
    let variables = Variables()
    variables.set("dense/bias", Tensor([2], [0, 0] as [Float]))
    let session = try Session(plan, variables: variables)
    let wrong = #expect(throws: EngineError.self) {
      try session.setInput(0, Tensor([3], [0, 0, 0] as [Float]))
    }
    #expect(wrong?.description == "The input 'x' must be f32[2], but is float32 (3,).")
  }

  @Test func `A program prints as its ops`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 3]))
    builder.output("y", try x.matmul(builder.state("w", [3, 1])))
    #expect(
      builder.program.description == """
        %0 = input x : f32[2,3]
        %1 = state w : f32[3,1]
        %2 = matmul(%0, %1) : f32[2,1]
        output y = %2
        """)
  }
}
