import Kernels
public import Tensors

/// Elements repeated to a larger shape, as numpy's `broadcast_to` does.
package struct Broadcast: Op {
  package let shape: Shape

  package init(_ shape: Shape) { self.shape = shape }

  package var name: String { "broadcast" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].shape.broadcast(with: shape) == shape else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an operand that broadcasts to \(shape)"))
    }
    return [TensorType(shape, inputs[0].dtype)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [inputs[0].broadcast(to: shape)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    guard context.inputs[0].type.dtype == .float32 else { return [nil] }
    return [try context.outputGradients[0].summed(to: context.inputs[0].shape)]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    repeatElements(
      of: step.inputs[0], step.inputTypes[0].shape.dimensions, into: step.outputs[0],
      shape.dimensions, threads: run.threads)
  }
}

extension Value {
  /// The elements repeated along axes of extent 1 and new leading axes, to fill `shape`.
  public func broadcast(to shape: Shape) throws(EngineError) -> Value {
    self.shape == shape ? self : try apply(Broadcast(shape))
  }
}
