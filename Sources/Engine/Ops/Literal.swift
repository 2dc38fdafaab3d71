import Kernels
public import Tensors

/// Numbers that the program itself has, such as the configuration of a layer gives.
package struct Literal: Op {
  package let values: [Float]
  package let shape: Shape

  package var name: String { "literal" }
  package var options: String {
    values.prefix(4).map { "\($0)" }.joined(separator: " ") + (values.count > 4 ? " …" : "")
  }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.isEmpty, values.count == shape.count else {
      throw EngineError(
        .options(op: name, reason: "\(values.count) numbers do not fill a tensor of \(shape)"))
    }
    return [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [ReferenceTensor(shape, values.map { Double($0) })]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] { [] }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    step.outputs[0].store(values)
  }
}

extension ProgramBuilder {
  /// A value with these numbers, row-major.
  ///
  /// - Throws: `EngineError` where they do not fill the shape.
  public func literal(_ values: [Float], _ shape: Shape) throws(EngineError) -> Value {
    try apply(Literal(values: values, shape: shape), [])[0]
  }
}
