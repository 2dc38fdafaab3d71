import Kernels
import Tensors

/// Computes convolutions of size 3 with half the multiplications.
///
/// Pattern: a `conv1dMaximum` of size 3 without strides, gaps and groups, whose input comes out of a
/// `dropout` that draws for each element. Rewrite: the same op by Winograd's F(4, 3).
///
/// Equal up to rounding, some 1e-6 of the largest term. But an output is then rounded by its place in
/// a tile, and windows that are equal, as those of padding are, no longer have the same output to the
/// bit, though they are to share the gradient of a maximum. Behind a dropout no two windows are equal
/// for long; elsewhere the pass stays away. Pays where the products outweigh the transforms:
/// with 256 channels and filters it takes half the time, with a few of either nothing is won.
package struct Winograd: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var result = program
    let producers = program.producers
    for (index, instruction) in program.instructions.enumerated() {
      guard let maximum = instruction.op as? Conv1DMaximum,
        let producer = producers[instruction.inputs[0]],
        let dropout = program.instructions[producer].op as? Dropout,
        dropout.rate > 0, dropout.sharedAxes.isEmpty,
        pays(program.types[instruction.inputs[0]].shape, program.types[instruction.inputs[1]].shape)
      else { continue }
      result.instructions[index].op = Conv1DMaximum(maximum.settings, method: .winograd)
    }
    return result
  }

  private func pays(_ input: Shape, _ kernel: Shape) -> Bool {
    kernel[0] == 3 && input[1] >= 8 && kernel[1] >= 32 && kernel[2] >= 32
  }
}
