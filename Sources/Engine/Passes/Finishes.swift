import Tensors

/// Does to the rows of a product what follows it while they are near.
///
/// Pattern: `f(product + bias)`, of a convolution or a matrix product, with a bias for each column and a
/// function f of each element, or only one of the two; in between nothing else reads. Rewrite: the
/// product with a `Finish`.
///
/// Exact: the same operations on the same numbers. Always pays: a tensor that is larger than the caches
/// is written once instead of written, read and written again for each of the two.
package struct Finishes: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var result = program
    let uses = program.useCounts
    // The place, by the value that it makes, of each product that can still be finished.
    var open: [Int: Int] = [:]
    for (index, instruction) in program.instructions.enumerated() {
      if instruction.op is any FinishableOp { open[instruction.outputs[0]] = index }
      guard let source = instruction.inputs.first, uses[source] == 1, let place = open[source],
        let finished = finished(result.instructions[place], by: instruction, program)
      else { continue }
      open[source] = nil
      open[instruction.outputs[0]] = index
      result.instructions[index] = finished
    }
    return result
  }

  /// The product and what follows it as one instruction; nil where they cannot be.
  private func finished(
    _ product: Program.Instruction, by next: Program.Instruction, _ program: Program
  ) -> Program.Instruction? {
    guard var op = product.op as? any FinishableOp, op.finish.function == nil else { return nil }
    var inputs = product.inputs
    if let unary = next.op as? Unary {
      op.finish = Finish(hasBias: op.finish.hasBias, function: unary.function)
    } else if let binary = next.op as? Binary, binary.function == .add, !op.finish.hasBias,
      program.types[next.outputs[0]] == program.types[product.outputs[0]],
      let width = program.types[next.outputs[0]].shape.dimensions.last,
      program.types[next.inputs[1]].shape == [width]
    {
      op.finish = Finish(hasBias: true, function: nil)
      inputs.append(next.inputs[1])
    } else {
      return nil
    }
    return Program.Instruction(op: op, inputs: inputs, outputs: next.outputs)
  }
}
