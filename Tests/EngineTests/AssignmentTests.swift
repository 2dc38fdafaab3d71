import Engine
import Tensors
import Testing

@Suite struct AssignmentTests {
  @Test func `A variable that is assigned is read, differentiated and updated as assigned`() throws
  {
    let builder = ProgramBuilder()
    let before = builder.state("w", [2])
    builder.assign(before, to: try before.scaled(by: 2))
    let after = builder.state("w", [2])
    let loss = try after.apply(.square).sum(axes: [0])
    let gradient = try builder.gradients(of: loss, withRespectTo: [after])[0]
    builder.output("gradient", gradient)
    builder.update(after, to: try after - gradient.scaled(by: 0.125))
    let variables = Variables()
    variables.set("w", Tensor([2], [1, 3] as [Float]))
    let session = try Session(Plan(builder.program, threads: 1), variables: variables)
    try session.run()
    // w = [2, 6], its gradient 2 w, and w - w / 4.
    #expect(session.output("gradient").scalars.floats == [4, 12])
    #expect(variables.tensor("w")?.scalars.floats == [1.5, 4.5])
    try session.run()
    #expect(variables.tensor("w")?.scalars.floats == [2.25, 6.75])
  }

  @Test func `A variable keeps what it was assigned where nothing updates it`() throws {
    let builder = ProgramBuilder()
    let state = builder.state("w", [2])
    builder.assign(state, to: try state.scaled(by: 2))
    builder.assign(builder.state("w", [2]), to: try builder.state("w", [2]).adding(1))
    let variables = Variables()
    variables.set("w", Tensor([2], [1, 3] as [Float]))
    let session = try Session(Plan(builder.program, threads: 1), variables: variables)
    try session.run()
    #expect(variables.tensor("w")?.scalars.floats == [3, 7])
  }
}
