/// Drops ops whose results reach no output and no update.
///
/// Exact because an op has no effect but its results. Always pays: the gradient of one operand often
/// comes with that of another which nobody asked for.
package struct DeadCodeElimination: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var result = program
    result.instructions = zip(program.instructions, program.isLive).filter(\.1).map(\.0)
    return result
  }
}
