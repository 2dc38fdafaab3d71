package import Kernels
package import Tensors

/// A kernel laid out for the products of a convolution of inputs of one shape; its contents are a matter of
/// `Kernels`: panels for tiles, or Winograd's transforms of them.
///
/// Shapes: kernel [K…, C / groups, F], output [count]. The reference gives the kernel itself, with zeros
/// behind it, and so does the reference of `PackedConv` take it. Made by a pass, never by a layer.
package struct PackConvKernel: Op {
  package let settings: ConvOptions
  package let method: Convolution.Method
  /// The shape of the input that the kernel is for.
  package let input: Shape

  package init(_ settings: ConvOptions, method: Convolution.Method, input: Shape) {
    self.settings = settings
    self.method = method
    self.input = input
  }

  package var name: String { "packConvKernel" }
  package var options: String { settings.description(method) }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32,
      let count = Self.count(settings, method, input: input, kernel: inputs[0].shape)
    else {
      throw EngineError(
        .operandTypes(op: name, found: inputs, expected: "the kernel of a convolution of \(input)"))
    }
    return [TensorType([count])]
  }

  static func count(
    _ settings: ConvOptions, _ method: Convolution.Method, input: Shape, kernel: Shape
  ) -> Int? {
    settings.convolution(input: input, kernel: kernel)?.packedKernelCount(method)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let count = Self.count(settings, method, input: input, kernel: inputs[0].shape) ?? 0
    let padding = [Double](repeating: 0, count: max(0, count - inputs[0].values.count))
    return [ReferenceTensor([count], inputs[0].values + padding)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution(input: input, kernel: inputs[0].shape)?.packScratchCount(method) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: input, kernel: step.inputTypes[0].shape)?
      .packKernel(
        step.inputs[0], into: step.outputs[0], method, scratch: step.scratch,
        threads: run.threads)
  }
}

/// A convolution by a kernel that was packed before.
///
/// Shapes: input [N, …, C], kernel [K…, C / groups, F] as `PackConvKernel` leaves it, bias [F] where there is
/// one; output [N, …′, F]. Made by a pass, never by a layer.
package struct PackedConv: FinishableOp {
  package let settings: ConvOptions
  package let method: Convolution.Method
  /// The shape of the kernel.
  package let kernel: Shape
  package var finish: Finish = .none

  package init(_ settings: ConvOptions, method: Convolution.Method, kernel: Shape) {
    self.settings = settings
    self.method = method
    self.kernel = kernel
  }

  package var name: String { "packedConv\(settings.axes)d" + finish.suffix }
  package var options: String { "kernel=\(kernel) \(settings.description(method))" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let operands = try finish.withoutBias(inputs, width: kernel.dimensions.last, op: name)
    guard operands.count == 2,
      let count = PackConvKernel.count(
        settings, method, input: operands[0].shape, kernel: kernel),
      operands[1] == TensorType([count])
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an input [N, …, C] and a packed kernel \(kernel)"))
    }
    return try Conv(settings).outputTypes([operands[0], TensorType(kernel)])
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let plain = ReferenceTensor(kernel, Array(inputs[1].values.prefix(kernel.count)))
    return [finish.reference(Conv(settings).reference([inputs[0], plain], run)[0], inputs)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution(input: inputs[0].shape, kernel: kernel)?
      .scratchCount(method, packed: true, threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: step.inputTypes[0].shape, kernel: kernel)?
      .forward(
        input: step.inputs[0], kernel: .packed(step.inputs[1]), output: step.outputs[0], method,
        finish: finish.rows(step.inputs), scratch: step.scratch, threads: run.threads)
  }
}
