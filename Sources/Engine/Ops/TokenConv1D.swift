import Kernels
import Tensors

/// A convolution of an embedding by its table, without a multiplication:
/// `y[n, t, f] = Σₖ table[f / W, tokens[n, t·stride + k·dilation − leading], k, f % W]`, where positions
/// outside a sample add nothing; or, with `takesMaximum`, the largest of these over t.
///
/// Shapes: table [B, V, K, W], tokens int32 [N, T]; output [N, T′, F], or [N, F]. One group.
/// Made by a pass, never by a layer.
package struct TokenConv1D: Op {
  package let settings: ConvOptions
  package let size: Int
  package let filters: Int
  package let takesMaximum: Bool

  package init(_ settings: ConvOptions, size: Int, filters: Int, takesMaximum: Bool) {
    self.settings = settings
    self.size = size
    self.filters = filters
    self.takesMaximum = takesMaximum
  }

  package var name: String { takesMaximum ? "tokenConv1dMaximum" : "tokenConv1d" }
  package var options: String { "filters=\(filters) \(settings.description)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, inputs[0].dtype == .float32, inputs[1].dtype == .int32, filters > 0,
      case (let blocks, let width) = TokenConvolution.blocks(filters: filters),
      inputs[0].shape.rank == 4, inputs[0].shape[1] > 0,
      inputs[0].shape == [blocks, inputs[0].shape[1], size, width],
      inputs[1].shape.rank == 2, settings.axes == 1, settings.groups == 1,
      let convolution = convolution(inputs.map(\.shape)),
      convolution.windows.count > 0 || !takesMaximum
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "a table [B, V, K, W] and int32 tokens [N, T] at least a window long "
            + "(\(options))"))
    }
    let (samples, windows) = (convolution.samples, convolution.windows.count)
    return [TensorType(takesMaximum ? [samples, filters] : [samples, windows, filters])]
  }

  private func convolution(_ inputs: [Shape]) -> TokenConvolution? {
    Windows(
      length: inputs[1][1], size: size, stride: settings.strides[0],
      dilation: settings.dilations[0], padding: settings.padding
    ).map {
      TokenConvolution(
        samples: inputs[1][0], windows: $0, vocabulary: inputs[0][1], filters: filters)
    }
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (table, tokens) = (inputs[0], inputs[1])
    guard let convolution = convolution(inputs.map(\.shape)) else { return [] }
    let (windows, width) = (convolution.windows, table.shape[3])
    var sums = ReferenceTensor([convolution.samples, windows.count, filters])
    for n in 0..<convolution.samples {
      for t in 0..<windows.count {
        for k in 0..<size {
          let position = windows.position(window: t, tap: k)
          guard (0..<windows.inputLength).contains(position) else { continue }
          for f in 0..<filters {
            sums[n, t, f] += table[f / width, Int(tokens[n, position]), k, f % width]
          }
        }
      }
    }
    return takesMaximum ? Reduce(.max, axes: 1..<2).reference([sums], run) : [sums]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let vocabulary = step.inputTypes[0].shape[1]
    try Gather.check(step.inputs[1], vocabulary: vocabulary)
    let convolution = convolution(step.inputTypes.map(\.shape))
    if takesMaximum {
      convolution?.maximum(
        table: step.inputs[0], tokens: step.inputs[1], maximum: step.outputs[0],
        threads: run.threads)
    } else {
      convolution?.forward(
        table: step.inputs[0], tokens: step.inputs[1], output: step.outputs[0],
        threads: run.threads)
    }
  }
}
