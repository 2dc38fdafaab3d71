import Kernels
import Tensors

/// Packs the kernels of products once instead of in each run.
///
/// Patterns, where the kernel depends on variables alone:
///
///     conv(x, kernel)             → packedConv(x, packConvKernel(kernel))
///     conv1dMaximum(x, kernel)    → packedConv1dMaximum(x, pack(kernel)), where nothing reads the ties
///     matmul(x, kernel)           → packedMatmul(x, pack(kernel)), for 16 rows or more
///
/// Exact: the same sums in the same order. Pays from the second run on and costs nothing in the first,
/// as these ops pack their kernels in any case; sessions of a model share what is packed, which takes as
/// much memory as the kernels. Products of a few rows read a kernel once, so for them it is not packed.
/// Where the processor has no tiles, and where the program learns, all stays as it is.
struct PackedKernels: Pass {
  private static let fewestRows = 16

  func rewrite(_ program: Program) -> Program {
    guard PackedMatrix.lanes > 0 else { return program }
    var result = program
    let (uses, fixed) = (program.useCounts, program.fixedValues)
    // From the end on, so that the places of those before stay.
    for (index, instruction) in program.instructions.enumerated().reversed() {
      guard instruction.inputs.count == 2, fixed[instruction.inputs[1]],
        !fixed[instruction.inputs[0]],
        instruction.outputs.dropFirst().allSatisfy({ uses[$0] == 0 }),
        let (pack, product) = rewritten(instruction, program),
        let types = try? pack.outputTypes([program.types[instruction.inputs[1]]])
      else { continue }
      let packed = result.addValue(types[0])
      result.instructions.replaceSubrange(
        index...index,
        with: [
          Program.Instruction(op: pack, inputs: [instruction.inputs[1]], outputs: [packed]),
          Program.Instruction(
            op: product, inputs: [instruction.inputs[0], packed], outputs: [instruction.outputs[0]]),
        ])
    }
    return result
  }

  /// What packs the kernel, and what takes it packed.
  private func rewritten(
    _ instruction: Program.Instruction, _ program: Program
  ) -> (pack: any Op, product: any Op)? {
    let (x, kernel) = (
      program.types[instruction.inputs[0]].shape, program.types[instruction.inputs[1]].shape
    )
    switch instruction.op {
    case let op as Conv:
      guard PackConvKernel.count(op.settings, op.method, input: x, kernel: kernel) ?? 0 > 0
      else { return nil }
      return (
        PackConvKernel(op.settings, method: op.method, input: x),
        PackedConv(op.settings, method: op.method, kernel: kernel)
      )
    case let op as Conv1DMaximum where op.method == .direct:
      return (Pack(), PackedConv1DMaximum(op.settings, kernel: kernel))
    case let op as MatMul where !op.transposeA && x[0] >= Self.fewestRows && x[1] > 0:
      let columns = kernel[op.transposeB ? 0 : 1]
      return (Pack(transposed: op.transposeB), PackedMatMul(columns: columns))
    default: return nil
    }
  }
}
