import Kernels
public import Tensors

/// The same elements under another shape; moves nothing.
package struct Reshape: Op {
  package let shape: Shape

  package init(_ shape: Shape) { self.shape = shape }

  package var name: String { "reshape" }
  package var isView: Bool { true }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].shape.count == shape.count else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an operand of \(shape.count) elements for \(shape)"))
    }
    return [TensorType(shape, inputs[0].dtype)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [ReferenceTensor(shape, inputs[0].values)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    guard context.inputs[0].type.dtype == .float32 else { return [nil] }
    return [try context.outputGradients[0].reshaped(context.inputs[0].shape)]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {}
}

extension Value {
  /// The same elements, row-major, under `shape`.
  public func reshaped(_ shape: Shape) throws(EngineError) -> Value {
    self.shape == shape ? self : try apply(Reshape(shape))
  }
}
