import Kernels
import Tensors

/// A factor and a term for each place along the last axis: `y[…, c] = x[…, c] · scale[c] + shift[c]`,
/// in one pass.
package struct ScaleShift: Op {
  package init() {}

  package var name: String { "scaleShift" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 3, inputs.allSatisfy({ $0.dtype == .float32 }), inputs[0].shape.rank > 0,
      inputs.dropFirst().allSatisfy({ $0.shape.dimensions == inputs[0].shape.dimensions.suffix(1) })
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an operand and two vectors as long as its last axis"))
    }
    return [inputs[0]]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let channels = inputs[1].values.count
    return [
      ReferenceTensor(
        inputs[0].shape,
        inputs[0].values.enumerated().map {
          $1 * inputs[1].values[$0 % channels] + inputs[2].values[$0 % channels]
        })
    ]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (x, scale, g) = (context.inputs[0], context.inputs[1], context.outputGradients[0])
    return [
      context.isNeeded[0] ? try g * scale : nil,
      context.isNeeded[1] ? try (g * x).summed(to: scale.shape) : nil,
      context.isNeeded[2] ? try g.summed(to: scale.shape) : nil,
    ]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    ChannelRows(step.inputTypes[0].shape).scale(
      step.inputs[0], by: step.inputs[1], shift: step.inputs[2], into: step.outputs[0],
      threads: run.threads)
  }
}

extension ChannelRows {
  /// The rows along the last axis.
  init(_ shape: Shape) {
    self.init(
      rows: shape.dimensions.dropLast().reduce(1, *), channels: shape.dimensions.last ?? 1)
  }
}

extension Value {
  /// `x[…, c] · scale[c] + shift[c]`
  public func scaled(by scale: Value, shift: Value) throws(EngineError) -> Value {
    try apply(ScaleShift(), scale, shift)
  }
}
