import Kernels
import Tensors

/// The options of a one-dimensional convolution.
package struct Conv1DOptions: Sendable, Hashable {
  package let stride: Int
  package let padding: Padding
  package let dilation: Int
  package let groups: Int

  package init(stride: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The extents for an input [N, T, C] and a kernel [K, C / groups, F]; nil where they do not fit.
  func convolution(input: Shape, kernel: Shape) -> Convolution1D? {
    guard input.rank == 3, kernel.rank == 3, groups > 0, input[2] % groups == 0,
      kernel[2] % groups == 0, kernel[1] == input[2] / groups, kernel[1] > 0, kernel[2] > 0,
      let windows = Windows(
        length: input[1], size: kernel[0], stride: stride, dilation: dilation, padding: padding)
    else { return nil }
    return Convolution1D(
      samples: input[0], windows: windows, channels: input[2], filters: kernel[2], groups: groups)
  }

  var description: String {
    "stride=\(stride) padding=\(padding) dilation=\(dilation) groups=\(groups)"
  }
}

/// A one-dimensional convolution (a correlation, as everywhere in deep learning):
/// `y[n, t, f] = Σ x[n, t·stride + k·dilation − leading, c] · kernel[k, c, f]`; with groups, filters
/// of group g see the channels of group g alone.
///
/// Shapes: input [N, T, C], kernel [K, C / groups, F], output [N, T′, F].
package struct Conv1D: Op {
  package let settings: Conv1DOptions

  package init(_ settings: Conv1DOptions) { self.settings = settings }

  package var name: String { "conv1d" }
  package var options: String { settings.description }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, inputs.allSatisfy({ $0.dtype == .float32 }),
      let convolution = settings.convolution(input: inputs[0].shape, kernel: inputs[1].shape)
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "an input [N, T, C] at least a window long and a kernel [K, C/groups, F] "
            + "(\(settings.description))"))
    }
    return [
      TensorType([convolution.samples, convolution.windows.count, convolution.filters])
    ]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var output = ReferenceTensor(shape(inputs[0].shape, inputs[1].shape))
    settings.forEachProduct(input: inputs[0].shape, kernel: inputs[1].shape) { x, k, y in
      output.values[y] += inputs[0].values[x] * inputs[1].values[k]
    }
    return [output]
  }

  private func shape(_ input: Shape, _ kernel: Shape) -> Shape {
    guard let convolution = settings.convolution(input: input, kernel: kernel) else { return [0] }
    return [convolution.samples, convolution.windows.count, convolution.filters]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (x, kernel, g) = (context.inputs[0], context.inputs[1], context.outputGradients[0])
    return [
      context.isNeeded[0]
        ? try g.apply(Conv1DInputGradient(settings, input: x.shape), kernel) : nil,
      context.isNeeded[1]
        ? try x.apply(Conv1DKernelGradient(settings, kernel: kernel.shape), g) : nil,
    ]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    settings.convolution(input: inputs[0].shape, kernel: inputs[1].shape)?.packedKernelCount ?? 0
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    settings.convolution(input: step.inputTypes[0].shape, kernel: step.inputTypes[1].shape)?
      .forward(
        input: step.inputs[0], kernel: step.inputs[1], output: step.outputs[0],
        scratch: step.scratch, threads: run.threads)
  }
}

extension Conv1DOptions {
  /// Calls `body` with the offsets of every product's input element, kernel element and sum. This
  /// one definition serves the references of the convolution and of both its gradients.
  func forEachProduct(input: Shape, kernel: Shape, _ body: (Int, Int, Int) -> Void) {
    guard let c = convolution(input: input, kernel: kernel) else { return }
    let (groupChannels, groupFilters) = (kernel[1], c.filters / groups)
    for n in 0..<c.samples {
      for t in 0..<c.windows.count {
        for k in 0..<kernel[0] {
          let position = c.windows.position(window: t, tap: k)
          guard (0..<input[1]).contains(position) else { continue }
          for f in 0..<c.filters {
            for channel in 0..<groupChannels {
              let x = (n * input[1] + position) * input[2] + f / groupFilters * groupChannels
              body(
                x + channel, (k * groupChannels + channel) * c.filters + f,
                (n * c.windows.count + t) * c.filters + f)
            }
          }
        }
      }
    }
  }
}

extension Value {
  /// The one-dimensional convolution of this [N, T, C] by `kernel` [K, C / groups, F]: [N, T′, F].
  public func conv1D(
    _ kernel: Value, strides: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1
  ) throws(EngineError) -> Value {
    try apply(
      Conv1D(.init(stride: strides, padding: padding, dilation: dilation, groups: groups)), kernel)
  }
}
