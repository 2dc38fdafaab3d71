import Kernels
import Tensors

/// Where a token is not a given one, such as the padding: 1 there, else 0.
package struct TokenDiffers: Op {
  package let value: Int32

  package init(from value: Int32) { self.value = value }

  package var name: String { "tokenDiffers" }
  package var options: String { "value=\(value)" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    [TensorType(try wholeNumbers(inputs, of: name))]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [ReferenceTensor(inputs[0].shape, inputs[0].values.map { $0 != Double(value) ? 1 : 0 })]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] { [nil] }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    differ(step.inputs[0], from: value, into: step.outputs[0], threads: run.threads)
  }
}

/// `y[…, d]` is 1 where the token is d, else 0. A token outside 0 ..< depth gives zeros, as in
/// TensorFlow.
package struct OneHot: Op {
  package let depth: Int

  package init(depth: Int) { self.depth = depth }

  package var name: String { "oneHot" }
  package var options: String { "depth=\(depth)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard let shape = Shape(checking: try wholeNumbers(inputs, of: name).dimensions + [depth])
    else {
      throw EngineError(.options(op: name, reason: "\(depth) is no depth for \(inputs[0])"))
    }
    return [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [
      ReferenceTensor(
        Shape(inputs[0].shape.dimensions + [depth]),
        inputs[0].values.flatMap { token in (0..<depth).map { Double($0) == token ? 1 : 0 } })
    ]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] { [nil] }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    oneHot(step.inputs[0], depth: depth, into: step.outputs[0], threads: run.threads)
  }
}

/// int32 as float32; above 2²⁴ the nearest float.
package struct ToFloat: Op {
  package init() {}

  package var name: String { "toFloat" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    [TensorType(try wholeNumbers(inputs, of: name))]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    inputs
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] { [nil] }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    convertToFloat(step.inputs[0], into: step.outputs[0], threads: run.threads)
  }
}

/// float32 as int32, towards zero. NaN and what no int32 is near become the smallest int32, as
/// TensorFlow gives them on x86.
package struct ToInt: Op {
  package init() {}

  package var name: String { "toInt" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32 else {
      throw EngineError(.operandTypes(op: name, found: inputs, expected: "one float32 operand"))
    }
    return [TensorType(inputs[0].shape, .int32)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [
      ReferenceTensor(
        inputs[0].shape,
        inputs[0].values.map {
          Double(Int32(exactly: $0.rounded(.towardZero)) ?? .min)
        })
    ]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] { [nil] }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    convertToInt(step.inputs[0], into: step.outputs[0], threads: run.threads)
  }
}

/// The shape of the only operand, which must be int32.
private func wholeNumbers(_ inputs: [TensorType], of name: String) throws(EngineError) -> Shape {
  guard inputs.count == 1, inputs[0].dtype == .int32 else {
    throw EngineError(.operandTypes(op: name, found: inputs, expected: "one int32 operand"))
  }
  return inputs[0].shape
}

extension Value {
  /// 1 where these int32 tokens are not `token`, else 0: a mask.
  public func notEqual(to token: Int32) throws(EngineError) -> Value {
    try apply(TokenDiffers(from: token))
  }

  /// These int32 tokens […] as rows […, depth] of zeros with a 1 at the token.
  public func oneHot(depth: Int) throws(EngineError) -> Value { try apply(OneHot(depth: depth)) }

  /// These elements as float32.
  public func toFloat() throws(EngineError) -> Value {
    type.dtype == .float32 ? self : try apply(ToFloat())
  }

  /// These elements as int32, towards zero.
  public func toInt() throws(EngineError) -> Value {
    type.dtype == .int32 ? self : try apply(ToInt())
  }
}
