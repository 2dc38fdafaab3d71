import Kernels
package import Tensors

/// A one-dimensional convolution by a packed kernel, or with `takesMaximum` its largest output of each
/// filter.
///
/// Shapes: input [N, T, C], kernel [K, C, F] packed [⌈F / 32⌉, K·C, 32]; output [N, T′, F], or [N, F]. One
/// group. Made by a pass, never by a layer.
package struct PackedConv1D: Op {
  package let settings: Conv1DOptions
  /// The shape of the kernel.
  package let kernel: Shape
  package let takesMaximum: Bool

  package init(_ settings: Conv1DOptions, kernel: Shape, takesMaximum: Bool) {
    self.settings = settings
    self.kernel = kernel
    self.takesMaximum = takesMaximum
  }

  package var name: String { takesMaximum ? "packedConv1dMaximum" : "packedConv1d" }
  package var options: String { "kernel=\(kernel) \(settings.description)" }

  /// The op on a kernel that is not packed.
  private var plain: any Op { takesMaximum ? Conv1DMaximum(settings) : Conv1D(settings) }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, settings.groups == 1, kernel.rank == 3,
      inputs[1] == TensorType(Pack.shape(rows: kernel[0] * kernel[1], columns: kernel[2]))
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an input [N, T, C] and a packed kernel \(kernel)"))
    }
    return [try plain.outputTypes([inputs[0], TensorType(kernel)])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let matrix = Pack.unpacked(inputs[1], columns: kernel[2])
    return [plain.reference([inputs[0], ReferenceTensor(kernel, matrix.values)], run)[0]]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    guard takesMaximum else { return 0 }
    return settings.convolution(input: inputs[0].shape, kernel: kernel)?
      .packedMaximumScratchCount(threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    guard let convolution = settings.convolution(input: step.inputTypes[0].shape, kernel: kernel),
      let packed = PackedMatrix(
        packed: step.inputs[1], rows: kernel[0] * kernel[1], columns: kernel[2])
    else { return }
    if takesMaximum {
      convolution.maximum(
        input: step.inputs[0], packed: packed, maximum: step.outputs[0], scratch: step.scratch,
        threads: run.threads)
    } else {
      convolution.forward(
        input: step.inputs[0], packed: packed, output: step.outputs[0], threads: run.threads)
    }
  }
}
