import Kernels
import Tensors

/// A function of one number on every element: `y[…] = f(x[…])`.
package struct Unary: Op {
  package let function: UnaryFunction

  package init(_ function: UnaryFunction) { self.function = function }

  package var name: String { function.name }
  package var options: String { function.parameters.map { "\($0)" }.joined(separator: " ") }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32 else {
      throw EngineError(
        .operandTypes(op: name, found: inputs, expected: "one float32 operand"))
    }
    return inputs
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [ReferenceTensor(inputs[0].shape, inputs[0].values.map(function.value))]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let dy = context.outputGradients[0]
    switch function.derivative {
    case .constant(let slope): return [try dy.scaled(by: slope)]
    case .ofInput: return [try context.inputs[0].apply(UnaryGradient(function), dy)]
    case .ofOutput: return [try context.outputs[0].apply(UnaryGradient(function), dy)]
    }
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    function.loop.values(
      of: step.inputs[0], parameters: function.parameters, into: step.outputs[0],
      threads: run.threads)
  }
}

/// The gradient of a function of one number: `dx[…] = f′(p[…]) · dy[…]`, with p the function's input
/// or output, as its derivative is defined.
package struct UnaryGradient: Op {
  package let function: UnaryFunction

  package init(_ function: UnaryFunction) { self.function = function }

  package var name: String { function.name + "Gradient" }
  package var options: String { Unary(function).options }
  package var inPlace: [InPlacePair] {
    [.init(output: 0, input: 1), .init(output: 0, input: 0)]
  }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, inputs[0].dtype == .float32, inputs[0] == inputs[1] else {
      throw EngineError(
        .operandTypes(op: name, found: inputs, expected: "two float32 operands of one shape"))
    }
    return [inputs[0]]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let slope: (Double) -> Double =
      switch function.derivative {
      case .constant(let slope): { _ in Double(slope) }
      case .ofInput(let derivative), .ofOutput(let derivative): derivative
      }
    return [
      ReferenceTensor(
        inputs[0].shape, zip(inputs[0].values, inputs[1].values).map { slope($0) * $1 })
    ]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    guard !context.isNeeded[0] else {
      throw EngineError(.options(op: name, reason: "second derivatives are not defined"))
    }
    return [nil, try context.inputs[0].apply(self, context.outputGradients[0])]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    function.loop.gradient(
      at: step.inputs[0], of: step.inputs[1], parameters: function.parameters,
      into: step.outputs[0], threads: run.threads)
  }
}

extension Value {
  /// `f` of every element.
  public func apply(_ f: UnaryFunction) throws(EngineError) -> Value { try apply(Unary(f)) }

  /// Every element times `factor`.
  public func scaled(by factor: Float) throws(EngineError) -> Value {
    try apply(.affine(scale: factor))
  }

  /// Every element plus `term`.
  public func adding(_ term: Float) throws(EngineError) -> Value {
    try apply(.affine(offset: term))
  }

  /// Every element to the power of `exponent`.
  public func power(_ exponent: Float) throws(EngineError) -> Value {
    try apply(.power(exponent))
  }

  public static prefix func - (a: Value) throws(EngineError) -> Value { try a.apply(.negate) }
}
