/// Drops ops whose results reach no output and no update.
///
/// Exact because an op has no effect but its results. Always pays: the gradient of one operand often
/// comes with that of another which nobody asked for.
package struct DeadCodeElimination: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var needed = Set(program.outputs.map(\.value)).union(program.updates.map(\.value))
    var kept: [Program.Instruction] = []
    for instruction in program.instructions.reversed()
    where instruction.outputs.contains(where: needed.contains) {
      needed.formUnion(instruction.inputs)
      kept.append(instruction)
    }
    var result = program
    result.instructions = kept.reversed()
    return result
  }
}
