/// What activations are in ops.
import Engine

extension Activation {
  /// Applies the activation.
  func callAsFunction(_ x: Value) throws -> Value {
    guard let function else {
      throw ModelGraphError(.unsupportedOption(value: "the activation \"\(name)\""))
    }
    return try function(x)
  }
}

extension Activation.Function {
  /// Applies the function.
  func callAsFunction(_ x: Value) throws(EngineError) -> Value {
    switch self {
    case .linear: return x
    case .softmax(let axis): return try x.softmax(axis: axis)
    case .logSoftmax: return try x.logSoftmax(axis: -1)
    case .sparsemax: return try x.sparsemax()
    case .glu: return try x.glu()
    default:
      guard let unary else { return x }
      return try x.apply(unary)
    }
  }

  /// The function as one on single elements; nil where it is none.
  var unary: UnaryFunction? {
    switch self {
    case .linear, .softmax, .logSoftmax, .sparsemax, .glu: nil
    case .relu(let slope, let maximum, let threshold):
      .relu(
        negativeSlope: Float(slope), maxValue: maximum.map { Float($0) },
        threshold: Float(threshold))
    case .elu(let alpha): .elu(alpha: Float(alpha))
    case .celu(let alpha): .celu(alpha: Float(alpha))
    case .selu: .selu
    case .gelu(let approximate): .gelu(approximate: approximate)
    case .sigmoid: .sigmoid
    case .tanh: .tanh
    case .exponential: .exp
    case .hardSigmoid: .hardSigmoid
    case .hardSigmoidKeras2: .hardSigmoidKeras2
    case .silu: .silu
    case .hardSilu: .hardSilu
    case .mish: .mish
    case .softplus: .softplus
    case .softsign: .softsign
    case .squareplus: .squareplus(b: 4)
    case .softShrink: .softShrink(threshold: 0.5)
    case .hardShrink: .hardShrink(threshold: 0.5)
    case .tanhShrink: .tanhShrink
    case .hardTanh: .hardTanh
    case .sparsePlus: .sparsePlus
    case .sparseSigmoid: .sparseSigmoid
    case .logSigmoid: .logSigmoid
    }
  }

  /// How the width of the last axis changes; `glu` halves it.
  func outputWidth(_ width: Int?) -> Int? {
    if case .glu = self { width.map { $0 / 2 } } else { width }
  }
}
