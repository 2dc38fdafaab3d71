import Tensors

/// Keeps of a convolution only what a maximum over all its windows leaves.
///
/// Pattern: `max` over the axis of windows of a `conv1d` of one group, whose outputs nothing else
/// reads. Rewrite: `conv1dMaximum`, whose second result tells which windows have the maximum.
///
/// Exact: the same sums are compared, and equal ones share the gradient in both. Always pays: the
/// outputs never go through memory, and where the program learns, the gradients of input and kernel
/// come from a window of each filter, or a few, instead of from two dense products.
package struct ConvolutionMaximum: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var result = program
    let (producers, uses) = (program.producers, program.useCounts)
    for (index, instruction) in program.instructions.enumerated() {
      guard let reduce = instruction.op as? Reduce, reduce.function == .max, reduce.axes == 1..<2,
        uses[instruction.inputs[0]] == 1, let producer = producers[instruction.inputs[0]],
        let convolution = program.instructions[producer].op as? Conv,
        convolution.settings.axes == 1, convolution.settings.groups == 1
      else { continue }
      let operands = program.instructions[producer].inputs
      let fused = Conv1DMaximum(convolution.settings)
      guard let types = try? fused.outputTypes(operands.map { program.types[$0] }) else { continue }
      let ties = result.addValue(types[1])
      result.instructions[index] = Program.Instruction(
        op: fused, inputs: operands, outputs: [instruction.outputs[0], ties])
    }
    return result
  }
}
