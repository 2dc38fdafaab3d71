import Kernels
import Tensors

/// A function of two numbers, element by element, with numpy's broadcasting.
package struct Binary: Op {
  package let function: BinaryFunction
  private let loop: BinaryLoop

  /// - Precondition: the function has a loop.
  package init(_ function: BinaryFunction) {
    guard let loop = BinaryLoop(named: function.rawValue) else {
      preconditionFailure("there is no loop for the function '\(function)'")
    }
    self.function = function
    self.loop = loop
  }

  package var name: String { function.rawValue }
  package var inPlace: [InPlacePair] {
    [.init(output: 0, input: 0), .init(output: 0, input: 1)]
  }

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
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else { return [] }
    let (a, b) = (inputs[0].broadcast(to: shape), inputs[1].broadcast(to: shape))
    return [ReferenceTensor(shape, zip(a.values, b.values).map(function.value))]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let gradients = try function.gradient(
      x: context.inputs[0], y: context.inputs[1], z: context.outputs[0],
      g: context.outputGradients[0], isNeeded: context.isNeeded)
    var results: [Value?] = []
    for (index, gradient) in gradients.enumerated() {
      let shape = context.inputs[index].shape
      results.append(context.isNeeded[index] ? try gradient?.summed(to: shape) : nil)
    }
    return results
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    loop.values(
      of: step.inputs[0], step.inputTypes[0].shape.dimensions, step.inputs[1],
      step.inputTypes[1].shape.dimensions, into: step.outputs[0],
      step.outputTypes[0].shape.dimensions, threads: run.threads)
  }
}

extension Value {
  public static func + (a: Value, b: Value) throws(EngineError) -> Value {
    try a.apply(Binary(.add), b)
  }

  public static func - (a: Value, b: Value) throws(EngineError) -> Value {
    try a.apply(Binary(.subtract), b)
  }

  public static func * (a: Value, b: Value) throws(EngineError) -> Value {
    try a.apply(Binary(.multiply), b)
  }

  public static func / (a: Value, b: Value) throws(EngineError) -> Value {
    try a.apply(Binary(.divide), b)
  }

  /// The larger of both; NaN where either is. The gradient of equal elements goes to this value.
  public func maximum(_ other: Value) throws(EngineError) -> Value {
    try apply(Binary(.maximum), other)
  }

  /// The smaller of both; NaN where either is. The gradient of equal elements goes to this value.
  public func minimum(_ other: Value) throws(EngineError) -> Value {
    try apply(Binary(.minimum), other)
  }

  /// Every element to the power of that of `exponent`.
  public func power(_ exponent: Value) throws(EngineError) -> Value {
    try apply(Binary(.power), exponent)
  }

  /// 1 where both are equal, else 0.
  public func equal(to other: Value) throws(EngineError) -> Value {
    try apply(Binary(.equal), other)
  }

  /// 1 where both differ or one is NaN, else 0.
  public func notEqual(to other: Value) throws(EngineError) -> Value {
    try apply(Binary(.notEqual), other)
  }

  /// 1 where this is greater, else 0.
  public func greater(than other: Value) throws(EngineError) -> Value {
    try apply(Binary(.greater), other)
  }

  /// 1 where this is greater or equal, else 0.
  public func greaterOrEqual(to other: Value) throws(EngineError) -> Value {
    try apply(Binary(.greaterOrEqual), other)
  }

  /// 1 where this is greater than `bound`, else 0.
  public func greater(than bound: Float) throws(EngineError) -> Value {
    try greater(than: builder.constant(bound))
  }
}
