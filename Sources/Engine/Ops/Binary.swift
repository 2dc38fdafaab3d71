import Kernels
import Tensors

/// Arithmetic on two operands, element by element, with numpy's broadcasting.
package struct Binary: Op {
  package let function: BinaryFunction

  package init(_ function: BinaryFunction) { self.function = function }

  package var name: String { function.rawValue }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, inputs.allSatisfy({ $0.dtype == .float32 }),
      let shape = inputs[0].shape.broadcast(with: inputs[1].shape)
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "two float32 operands that broadcast together"))
    }
    return [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    []
  }
  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] { [] }
  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {}
}
package enum BinaryFunction: String, Sendable { case add, subtract, multiply, divide }
extension Value {
  public static func + (a: Value, b: Value) throws(EngineError) -> Value {
    try a.apply(Binary(.add), b)
  }
}
extension Shape { func broadcast(with: Shape) -> Shape? { self } }
