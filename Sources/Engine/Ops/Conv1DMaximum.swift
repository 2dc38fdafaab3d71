package import Kernels
import Tensors

/// The largest output of each filter of a convolution over all its windows, and which windows have
/// it: `max` over T′ of `conv1d`, without the convolution's outputs in between.
///
/// Shapes: input [N, T, C], kernel [K, C, F]; outputs [N, F] float32, and int32 [N, ⌈T′/32⌉, F] with
/// bit t % 32 of word t / 32 set where window t has the maximum. Such windows share the gradient, as in
/// TensorFlow: windows of padding are all alike, so that ties are no rarity. One group.
/// Made by a pass, never by a layer.
package struct Conv1DMaximum: Op {
  package let settings: ConvOptions
  package let method: Convolution.Method

  package init(_ settings: ConvOptions, method: Convolution.Method = .direct) {
    self.settings = settings
    self.method = method
  }

  package var name: String { "conv1dMaximum" }
  package var options: String {
    settings.description(method)
  }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let outputs = try Conv(settings).outputTypes(inputs)
    guard settings.axes == 1, settings.groups == 1, outputs[0].shape[1] > 0 else {
      throw EngineError(
        .options(op: name, reason: "it has one axis, one group and at least one window"))
    }
    let (samples, filters) = (outputs[0].shape[0], outputs[0].shape[2])
    let words = (outputs[0].shape[1] + 31) / 32
    return [TensorType([samples, filters]), TensorType([samples, words, filters], .int32)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let dense = Conv(settings).reference(inputs, run)[0]
    let words = (dense.shape[1] + 31) / 32
    var maximum = ReferenceTensor([dense.shape[0], dense.shape[2]])
    var ties = ReferenceTensor([dense.shape[0], words, dense.shape[2]])
    for n in 0..<dense.shape[0] {
      for f in 0..<dense.shape[2] {
        let values = (0..<dense.shape[1]).map { dense[n, $0, f] }
        maximum[n, f] = values.dropFirst().reduce(values[0], BinaryFunction.maximum.value)
        for word in 0..<words {
          var bits: UInt32 = 0
          for t in word * 32..<min(word * 32 + 32, values.count) where values[t] == maximum[n, f] {
            bits |= 1 << UInt32(t % 32)
          }
          ties[n, word, f] = Double(Int32(bitPattern: bits))
        }
      }
    }
    return [maximum, ties]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (x, kernel) = (context.inputs[0], context.inputs[1])
    let (ties, g) = (context.outputs[1], context.outputGradients[0])
    return [
      context.isNeeded[0]
        ? try g.apply(Conv1DMaximumInputGradient(settings, input: x.shape), ties, kernel) : nil,
      context.isNeeded[1]
        ? try x.apply(Conv1DMaximumKernelGradient(settings, kernel: kernel.shape), g, ties) : nil,
    ]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution1D(input: inputs[0].shape, kernel: inputs[1].shape)?
      .maximumScratchCount(method, threads: threads) ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution1D(input: step.inputTypes[0].shape, kernel: step.inputTypes[1].shape)?
      .maximum(
        input: step.inputs[0], kernel: step.inputs[1], maximum: step.outputs[0],
        ties: step.outputs[1], method, scratch: step.scratch, threads: run.threads)
  }
}

extension ConvOptions {
  /// The gradient of the convolution's outputs that one of its maximum is: shared by the windows that
  /// have the maximum, zero elsewhere.
  func denseGradient(
    _ gradient: ReferenceTensor, ties: ReferenceTensor, input: Shape, kernel: Shape
  ) -> ReferenceTensor {
    let windows = convolution1D(input: input, kernel: kernel)?.windows.count ?? 0
    var dense = ReferenceTensor([gradient.shape[0], windows, gradient.shape[1]])
    for n in 0..<gradient.shape[0] {
      for f in 0..<gradient.shape[1] {
        let tied = (0..<windows).filter {
          UInt32(bitPattern: Int32(ties[n, $0 / 32, f])) >> UInt32($0 % 32) & 1 == 1
        }
        for t in tied { dense[n, t, f] = gradient[n, f] / Double(tied.count) }
      }
    }
    return dense
  }
}

/// The gradient of the input of a `conv1dMaximum`, from g [N, F], the ties and the kernel.
package struct Conv1DMaximumInputGradient: PartialOp {
  let settings: ConvOptions
  let input: Shape

  init(_ settings: ConvOptions, input: Shape) {
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
          op: name, found: inputs, expected: "a gradient [N, F], its ties and a kernel"))
    }
    return [TensorType(input)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let dense = settings.denseGradient(
      inputs[0], ties: inputs[1], input: input, kernel: inputs[2].shape)
    return ConvInputGradient(settings, input: input).reference([dense, inputs[2]], run)
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it has no gradient of its own"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { inputs[2].shape.count }

  package func partUnit(_ inputs: [TensorType], _ output: TensorType) -> Int {
    input[1] * input[2]
  }

  package func prepare(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution1D(input: input, kernel: step.inputTypes[2].shape)?
      .turnKernel(step.inputs[2], into: step.scratch, threads: run.threads)
  }

  package func execute(_ step: ExecutionStep, part: Range<Int>, _ run: RunContext) {
    let sample = input[1] * input[2]
    settings.convolution1D(input: input, kernel: step.inputTypes[2].shape)?
      .inputGradient(
        maximumGradient: step.inputs[0], ties: step.inputs[1], turnedKernel: step.scratch,
        samples: part.lowerBound / sample..<part.upperBound / sample,
        inputGradient: step.outputs[0].slice(part.lowerBound, part.count))
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    guard input.count > 0 else { return }
    try prepare(step, run)
    execute(step, inPartsOf: input[1] * input[2], run)
  }
}

/// The gradient of the kernel of a `conv1dMaximum`, from the input, g [N, F] and the ties.
package struct Conv1DMaximumKernelGradient: Op {
  let settings: ConvOptions
  let kernel: Shape

  init(_ settings: ConvOptions, kernel: Shape) {
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
          op: name, found: inputs, expected: "an input, a gradient [N, F] and its ties"))
    }
    return [TensorType(kernel)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let dense = settings.denseGradient(
      inputs[1], ties: inputs[2], input: inputs[0].shape, kernel: kernel)
    return ConvKernelGradient(settings, kernel: kernel).reference([inputs[0], dense], run)
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it has no gradient of its own"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { kernel.count }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution1D(input: step.inputTypes[0].shape, kernel: kernel)?
      .kernelGradient(
        input: step.inputs[0], maximumGradient: step.inputs[1], ties: step.inputs[2],
        kernelGradient: step.outputs[0], scratch: step.scratch, threads: run.threads)
  }
}
