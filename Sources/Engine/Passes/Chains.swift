/// Lets an op that works element by element follow its operand's maker part by part.
///
/// Pattern: a `dropout` that draws for each element, of the only result of a `PartialOp` that nothing
/// else reads. Rewrite: a `Chain` of the two.
///
/// Exact: the same work in another order. Always pays: a tensor that is larger than the caches is
/// written once instead of written, read and written.
package struct Chains: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var result = program
    let (producers, uses) = (program.producers, program.useCounts)
    for (index, instruction) in program.instructions.enumerated() {
      guard let dropout = instruction.op as? Dropout, dropout.sharedAxes.isEmpty,
        uses[instruction.inputs[0]] == 1, let producer = producers[instruction.inputs[0]],
        let first = program.instructions[producer].op as? any PartialOp, !(first is Dropout)
      else { continue }
      result.instructions[index] = Program.Instruction(
        op: Chain(first, dropout), inputs: program.instructions[producer].inputs,
        outputs: instruction.outputs)
    }
    return result
  }
}
