import Kernels
public import Tensors

/// The same number everywhere.
package struct Constant: Op {
  package let value: Float
  package let shape: Shape

  package var name: String { "constant" }
  package var options: String { "value=\(value)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [ReferenceTensor(shape, repeating: Double(value))]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] { [] }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    step.outputs[0].fill(value)
  }
}

extension ProgramBuilder {
  /// A value with the same number everywhere.
  public func constant(_ value: Float, _ shape: Shape = []) throws(EngineError) -> Value {
    try apply(Constant(value: value, shape: shape), [])[0]
  }
}
