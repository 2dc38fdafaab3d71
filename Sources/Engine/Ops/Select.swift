import Kernels
import Tensors

/// One of two values by a mask of zeros and ones: `y = mask ≠ 0 ? a : b`, all three broadcast. A
/// choice, not a sum of products: what is not chosen may be infinite or NaN.
package struct Select: Op {
  package init() {}

  package var name: String { "select" }
  package var inPlace: [InPlacePair] { (0..<3).map { .init(output: 0, input: $0) } }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 3, inputs.allSatisfy({ $0.dtype == .float32 }),
      let shape = inputs[0].shape.broadcast(with: inputs[1].shape)?
        .broadcast(with: inputs[2].shape)
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "three float32 operands that broadcast together"))
    }
    return [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    guard
      let shape = inputs[0].shape.broadcast(with: inputs[1].shape)?.broadcast(with: inputs[2].shape)
    else { return [] }
    let all = inputs.map { $0.broadcast(to: shape).values }
    return [
      ReferenceTensor(
        shape, (0..<shape.count).map { all[0][$0] != 0 ? all[1][$0] : all[2][$0] })
    ]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (mask, g) = (context.inputs[0], context.outputGradients[0])
    let zero = try context.builder.constant(0)
    let chosen =
      context.isNeeded[1]
      ? try mask.select(ifTrue: g, ifFalse: zero).summed(to: context.inputs[1].shape) : nil
    let other =
      context.isNeeded[2]
      ? try mask.select(ifTrue: zero, ifFalse: g).summed(to: context.inputs[2].shape) : nil
    return [nil, chosen, other]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    select(
      step.inputs, step.inputTypes.map(\.shape.dimensions), into: step.outputs[0],
      step.outputTypes[0].shape.dimensions, threads: run.threads)
  }
}

extension Value {
  /// `a` where this mask is not 0, `b` where it is.
  public func select(ifTrue a: Value, ifFalse b: Value) throws(EngineError) -> Value {
    try apply(Select(), a, b)
  }
}
