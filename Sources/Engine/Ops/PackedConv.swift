import Kernels
package import Tensors

/// A convolution by a packed kernel.
///
/// Shapes: input [N, …, C], kernel [K…, C, F] packed [⌈F / 32⌉, K·C, 32], bias [F] where there is one;
/// output [N, …′, F]. One group. Made by a pass, never by a layer.
package struct PackedConv: FinishableOp {
  package let settings: ConvOptions
  /// The shape of the kernel.
  package let kernel: Shape
  package var finish: Finish = .none

  package init(_ settings: ConvOptions, kernel: Shape) {
    self.settings = settings
    self.kernel = kernel
  }

  package var name: String { "packedConv\(settings.axes)d" + finish.suffix }
  package var options: String { "kernel=\(kernel) \(settings.description)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let operands = try finish.withoutBias(inputs, width: kernel.dimensions.last, op: name)
    guard operands.count == 2, settings.groups == 1,
      operands[1] == TensorType(Pack.shape(ofKernel: kernel))
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an input [N, …, C] and a packed kernel \(kernel)"))
    }
    return try Conv(settings).outputTypes([operands[0], TensorType(kernel)])
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let plain = Pack.unpacked(inputs[1], kernel: kernel)
    return [finish.reference(Conv(settings).reference([inputs[0], plain], run)[0], inputs)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution(input: inputs[0].shape, kernel: kernel)?
      .scratchCount(packed: true, threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: step.inputTypes[0].shape, kernel: kernel)?
      .forward(
        input: step.inputs[0], kernel: .packed(step.inputs[1]), output: step.outputs[0],
        finish: finish.rows(step.inputs), scratch: step.scratch, threads: run.threads)
  }
}
