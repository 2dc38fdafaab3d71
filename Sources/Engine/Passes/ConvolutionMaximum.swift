import Tensors

/// Keeps of a convolution only what a maximum over all its windows leaves.
///
/// Pattern: `max` over the axis of windows of a `conv1d` of one group, whose outputs nothing else
/// reads. Rewrite: `conv1dMaximum`, which has the window of the maximum as its second result.
///
/// Exact: the same sums are compared, and the first of equal ones wins in both. Always pays: the
/// outputs never go through memory, and where the program learns, the gradients of input and kernel
/// come from one window of each filter instead of from two dense products.
package struct ConvolutionMaximum: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var result = program
    let (producers, uses) = (program.producers, program.useCounts)
    for (index, instruction) in program.instructions.enumerated() {
      guard let reduce = instruction.op as? Reduce, reduce.function == .max, reduce.axes == 1..<2,
        uses[instruction.inputs[0]] == 1, let producer = producers[instruction.inputs[0]],
        let convolution = program.instructions[producer].op as? Conv1D,
        convolution.settings.groups == 1
      else { continue }
      let shape = program.types[instruction.outputs[0]].shape
      let window = result.addValue(TensorType(shape, .int32))
      result.instructions[index] = Program.Instruction(
        op: Conv1DMaximum(convolution.settings), inputs: program.instructions[producer].inputs,
        outputs: [instruction.outputs[0], window])
    }
    return result
  }
}
