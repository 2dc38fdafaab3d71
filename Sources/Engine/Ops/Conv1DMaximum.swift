import Kernels
import Tensors

/// The largest output of each filter of a convolution over all its windows, and the first window
/// that has it: `max` over T′ of `conv1d`, without the convolution's outputs in between.
///
/// Shapes: input [N, T, C], kernel [K, C, F]; outputs [N, F] float32 and [N, F] int32. One group.
/// Made by a pass, never by a layer.
package struct Conv1DMaximum: Op {
  package let settings: Conv1DOptions

  package init(_ settings: Conv1DOptions) { self.settings = settings }

  package var name: String { "conv1dMaximum" }
  package var options: String { settings.description }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let outputs = try Conv1D(settings).outputTypes(inputs)
    guard settings.groups == 1, outputs[0].shape[1] > 0 else {
      throw EngineError(.options(op: name, reason: "it has one group and at least one window"))
    }
    let shape: Shape = [outputs[0].shape[0], outputs[0].shape[2]]
    return [TensorType(shape), TensorType(shape, .int32)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let dense = Conv1D(settings).reference(inputs, run)[0]
    var maximum = ReferenceTensor([dense.shape[0], dense.shape[2]])
    var window = maximum
    for n in 0..<dense.shape[0] {
      for f in 0..<dense.shape[2] {
        maximum[n, f] = dense[n, 0, f]
        for t in 1..<max(dense.shape[1], 1) where dense[n, t, f] > maximum[n, f] {
          maximum[n, f] = dense[n, t, f]
          window[n, f] = Double(t)
        }
      }
    }
    return [maximum, window]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (x, kernel) = (context.inputs[0], context.inputs[1])
    let (window, g) = (context.outputs[1], context.outputGradients[0])
    return [
      context.isNeeded[0]
        ? try g.apply(Conv1DMaximumInputGradient(settings, input: x.shape), window, kernel) : nil,
      context.isNeeded[1]
        ? try x.apply(Conv1DMaximumKernelGradient(settings, kernel: kernel.shape), g, window) : nil,
    ]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution(input: inputs[0].shape, kernel: inputs[1].shape)?
      .maximumScratchCount(threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: step.inputTypes[0].shape, kernel: step.inputTypes[1].shape)?
      .maximum(
        input: step.inputs[0], kernel: step.inputs[1], maximum: step.outputs[0],
        window: step.outputs[1], scratch: step.scratch, threads: run.threads)
  }
}

extension Conv1DOptions {
  /// The gradient of the convolution's outputs that one of its maximum is: g at the window that has
  /// the maximum, zero elsewhere.
  func denseGradient(
    _ gradient: ReferenceTensor, window: ReferenceTensor, input: Shape, kernel: Shape
  ) -> ReferenceTensor {
    let windows = convolution(input: input, kernel: kernel)?.windows.count ?? 0
    var dense = ReferenceTensor([gradient.shape[0], windows, gradient.shape[1]])
    for n in 0..<gradient.shape[0] {
      for f in 0..<gradient.shape[1] { dense[n, Int(window[n, f]), f] = gradient[n, f] }
    }
    return dense
  }
}

/// The gradient of the input of a `conv1dMaximum`, from g [N, F], the windows and the kernel.
package struct Conv1DMaximumInputGradient: Op {
  let settings: Conv1DOptions
  let input: Shape

  init(_ settings: Conv1DOptions, input: Shape) {
    self.settings = settings
    self.input = input
  }

  package var name: String { "conv1dMaximumInputGradient" }
  package var options: String { settings.description }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 3,
      try Conv1DMaximum(settings).outputTypes([TensorType(input), inputs[2]])
        == Array(inputs[..<2])
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "a gradient and windows [N, F] and a kernel"))
    }
    return [TensorType(input)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let dense = settings.denseGradient(
      inputs[0], window: inputs[1], input: input, kernel: inputs[2].shape)
    return Conv1DInputGradient(settings, input: input).reference([dense, inputs[2]], run)
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it has no gradient of its own"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { inputs[2].shape.count }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: input, kernel: step.inputTypes[2].shape)?
      .inputGradient(
        maximumGradient: step.inputs[0], window: step.inputs[1], kernel: step.inputs[2],
        inputGradient: step.outputs[0], scratch: step.scratch, threads: run.threads)
  }
}

/// The gradient of the kernel of a `conv1dMaximum`, from the input, g [N, F] and the windows.
package struct Conv1DMaximumKernelGradient: Op {
  let settings: Conv1DOptions
  let kernel: Shape

  init(_ settings: Conv1DOptions, kernel: Shape) {
    self.settings = settings
    self.kernel = kernel
  }

  package var name: String { "conv1dMaximumKernelGradient" }
  package var options: String { settings.description }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 3,
      try Conv1DMaximum(settings).outputTypes([inputs[0], TensorType(kernel)])
        == Array(inputs[1...])
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an input and a gradient and windows [N, F]"))
    }
    return [TensorType(kernel)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let dense = settings.denseGradient(
      inputs[1], window: inputs[2], input: inputs[0].shape, kernel: kernel)
    return Conv1DKernelGradient(settings, kernel: kernel).reference([inputs[0], dense], run)
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it has no gradient of its own"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { kernel.count }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: step.inputTypes[0].shape, kernel: kernel)?
      .kernelGradient(
        input: step.inputs[0], maximumGradient: step.inputs[1], window: step.inputs[2],
        kernelGradient: step.outputs[0], scratch: step.scratch, threads: run.threads)
  }
}
