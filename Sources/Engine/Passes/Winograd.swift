import Kernels
import Tensors

/// Computes convolutions of size 3 with half the multiplications, and those of 3 by 3 with a third.
///
/// Patterns: a `conv1dMaximum` of size 3 without strides, gaps and groups, whose input comes out of a
/// `dropout` that draws for each element; a `conv2d` of 3 by 3 without them, and the gradient of its input.
/// Rewrite: the same op by Winograd's F(4, 3), and along the second axis F(2, 3).
///
/// Equal up to rounding, some 1e-6 of the largest term. But an output is then rounded by its place in
/// a tile, and windows that are equal, as those of padding are, no longer have the same output to the
/// bit, though they are to share the gradient of a maximum over all windows. Behind a dropout no two windows
/// are equal for long; elsewhere the first pattern stays away. Pooling gives a gradient to one window only,
/// and which of equal ones makes no difference to the weights. Pays where the products outweigh the
/// transforms: with 256 channels and filters it takes half the time, with a few of either nothing is won.
package struct Winograd: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var result = program
    let producers = program.producers
    for (index, instruction) in program.instructions.enumerated() {
      let shapes = instruction.inputs.map { program.types[$0].shape }
      switch instruction.op {
      case let op as Conv1DMaximum where isBehindDropout(instruction, program, producers):
        if pays(input: shapes[0], kernel: shapes[1]) {
          result.instructions[index].op = Conv1DMaximum(op.settings, method: .winograd)
        }
      case let op as Conv where pays(op.settings, input: shapes[0], kernel: shapes[1]):
        result.instructions[index].op = Conv(op.settings, method: .winograd)
      case let op as ConvInputGradient
      where pays(op.settings, input: op.input, kernel: shapes[1]):
        result.instructions[index].op = ConvInputGradient(
          op.settings, input: op.input, method: .winograd)
      default: break
      }
    }
    return result
  }

  private func isBehindDropout(
    _ instruction: Program.Instruction, _ program: Program, _ producers: [Int?]
  ) -> Bool {
    guard let producer = producers[instruction.inputs[0]],
      let dropout = program.instructions[producer].op as? Dropout
    else { return false }
    return dropout.rate > 0 && dropout.sharedAxes.isEmpty
  }

  private func pays(input: Shape, kernel: Shape) -> Bool {
    kernel[0] == 3 && input[1] >= 8 && kernel[1] >= 32 && kernel[2] >= 32
  }

  /// Rows of at least four windows fill a tile, and there must be more of them than the kernel's
  /// transforms cost.
  private func pays(_ settings: ConvOptions, input: Shape, kernel: Shape) -> Bool {
    guard let convolution = settings.convolution(input: input, kernel: kernel),
      convolution.allowsWinograd
    else { return false }
    return kernel[2] >= 16 && kernel[3] >= 16 && input[2] >= 4
      && convolution.outputCount / kernel[3] >= 64
  }
}
