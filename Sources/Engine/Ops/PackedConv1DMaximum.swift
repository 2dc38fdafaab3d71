import Kernels
package import Tensors

/// The largest output of each filter of a one-dimensional convolution by a packed kernel.
///
/// Shapes: input [N, T, C], kernel [K, C, F] packed [⌈F / 32⌉, K·C, 32]; output [N, F]. One group. Made by
/// a pass, never by a layer.
package struct PackedConv1DMaximum: Op {
  package let settings: ConvOptions
  /// The shape of the kernel.
  package let kernel: Shape

  package init(_ settings: ConvOptions, kernel: Shape) {
    self.settings = settings
    self.kernel = kernel
  }

  package var name: String { "packedConv1dMaximum" }
  package var options: String { "kernel=\(kernel) \(settings.description)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, kernel.rank == 3,
      inputs[1] == TensorType(Pack.shape(ofKernel: kernel))
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an input [N, T, C] and a packed kernel \(kernel)"))
    }
    return [try Conv1DMaximum(settings).outputTypes([inputs[0], TensorType(kernel)])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let plain = Pack.unpacked(inputs[1], kernel: kernel)
    return [Conv1DMaximum(settings).reference([inputs[0], plain], run)[0]]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution1D(input: inputs[0].shape, kernel: kernel)?
      .packedMaximumScratchCount(threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    guard
      let convolution = settings.convolution1D(input: step.inputTypes[0].shape, kernel: kernel),
      let packed = PackedMatrix(
        packed: step.inputs[1], rows: kernel[0] * kernel[1], columns: kernel[2])
    else { return }
    convolution.maximum(
      input: step.inputs[0], packed: packed, maximum: step.outputs[0], scratch: step.scratch,
      threads: run.threads)
  }
}
