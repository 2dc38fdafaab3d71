/// Updates a table that is looked up straight from the gradients of its rows.
///
/// Pattern: an update rule whose gradient, read by nothing else, is a `scatterAdd`; and whose squares,
/// where it takes them, are the `scatterAdd` of the squares of the same rows by the same tokens.
/// Rewrite: `LookupUpdate` of the same rule.
///
/// Exact to the bit: the same rows are added up in the same order. Always pays: the gradient of the
/// whole table, and its squares, mostly zeros, are never written and read again.
package struct LookupUpdates: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var result = program
    let (producers, uses) = (program.producers, program.useCounts)
    func maker(_ value: Int) -> Program.Instruction? {
      producers[value].map { program.instructions[$0] }
    }
    for (index, instruction) in program.instructions.enumerated() {
      guard let rule = instruction.op as? any UpdateRule, rule.isElementwise,
        let scatter = maker(instruction.inputs[1]), scatter.op is ScatterAdd,
        uses[instruction.inputs[1]] == 1
      else { continue }
      let (tokens, rows) = (scatter.inputs[0], scatter.inputs[1])
      if rule.takesSquares {
        guard rule.measure == .square, let second = maker(instruction.inputs[2]),
          second.op is ScatterAdd,
          second.inputs[0] == tokens, let square = maker(second.inputs[1]),
          (square.op as? Unary)?.function.name == UnaryFunction.square.name,
          square.inputs[0] == rows
        else { continue }
      }
      let rest = instruction.inputs.dropFirst(rule.takesSquares ? 3 : 2)
      result.instructions[index] = Program.Instruction(
        op: LookupUpdate(rule), inputs: [instruction.inputs[0], rows, tokens] + rest,
        outputs: instruction.outputs)
    }
    return result
  }
}
