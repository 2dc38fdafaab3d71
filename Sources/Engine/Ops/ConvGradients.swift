package import Kernels
package import Tensors

/// The gradient of a convolution's input, from that of its output [N, …′, F] and the kernel.
package struct ConvInputGradient: Op {
  let settings: ConvOptions
  let input: Shape
  let method: Convolution.Method

  package init(_ settings: ConvOptions, input: Shape, method: Convolution.Method = .direct) {
    self.settings = settings
    self.input = input
    self.method = method
  }

  package var name: String { "conv\(settings.axes)dInputGradient" }
  package var options: String { settings.description(method) }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2,
      try Conv(settings).outputTypes([TensorType(input), inputs[1]]) == [inputs[0]]
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "the gradient of a convolution of \(input)"))
    }
    return [TensorType(input)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var gradient = ReferenceTensor(input)
    settings.forEachProduct(input: input, kernel: inputs[1].shape) { x, k, y in
      gradient.values[x] += inputs[0].values[y] * inputs[1].values[k]
    }
    return [gradient]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (dy, kernel, g) = (context.inputs[0], context.inputs[1], context.outputGradients[0])
    return [
      try g.apply(Conv(settings), kernel),
      try g.apply(ConvKernelGradient(settings, kernel: kernel.shape), dy),
    ]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution(input: input, kernel: inputs[1].shape)?
      .inputGradientScratchCount(method, threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: input, kernel: step.inputTypes[1].shape)?
      .inputGradient(
        outputGradient: step.inputs[0], kernel: step.inputs[1], inputGradient: step.outputs[0],
        method, scratch: step.scratch, threads: run.threads)
  }
}

/// The gradient of a convolution's kernel, from the input [N, …, C] and the gradient of the output.
package struct ConvKernelGradient: Op {
  let settings: ConvOptions
  let kernel: Shape

  package init(_ settings: ConvOptions, kernel: Shape) {
    self.settings = settings
    self.kernel = kernel
  }

  package var name: String { "conv\(settings.axes)dKernelGradient" }
  package var options: String { settings.description }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2,
      try Conv(settings).outputTypes([inputs[0], TensorType(kernel)]) == [inputs[1]]
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an input and the gradient of its convolution"))
    }
    return [TensorType(kernel)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var gradient = ReferenceTensor(kernel)
    settings.forEachProduct(input: inputs[0].shape, kernel: kernel) { x, k, y in
      gradient.values[k] += inputs[0].values[x] * inputs[1].values[y]
    }
    return [gradient]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (x, dy, g) = (context.inputs[0], context.inputs[1], context.outputGradients[0])
    return [
      try dy.apply(ConvInputGradient(settings, input: x.shape), g),
      try x.apply(Conv(settings), g),
    ]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution(input: inputs[0].shape, kernel: kernel)?
      .kernelGradientScratchCount(threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: step.inputTypes[0].shape, kernel: kernel)?
      .kernelGradient(
        input: step.inputs[0], outputGradient: step.inputs[1], kernelGradient: step.outputs[0],
        scratch: step.scratch, threads: run.threads)
  }
}
