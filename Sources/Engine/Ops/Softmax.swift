import Kernels
import Tensors

/// Probabilities along the last axis, `y[…, i] = e^{x[…, i]} / Σⱼ e^{x[…, j]}`, or their logarithms.
/// The largest element is subtracted first, so no exponential overflows.
package struct Softmax: Op {
  package let isLogarithm: Bool

  package init(logarithm: Bool = false) { isLogarithm = logarithm }

  package var name: String { isLogarithm ? "logSoftmax" : "softmax" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    try lastAxisTypes(inputs, of: name)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [
      inputs[0].mappingRows { row in
        let top = row.reduce(row[0], BinaryFunction.maximum.value)
        let exponentials = row.map { exponential($0 - top) }
        let sum = exponentials.reduce(0, +)
        return isLogarithm
          ? row.map { $0 - top - logarithm(sum) } : exponentials.map { $0 / sum }
      }
    ]
  }

  /// dx = y (g - Σ y g) for probabilities, g - eʸ Σ g for logarithms.
  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (y, g) = (context.outputs[0], context.outputGradients[0])
    if isLogarithm {
      return [try g - y.apply(.exp) * g.sum(axes: [-1], keepDims: true)]
    }
    return [try y * (g - (y * g).sum(axes: [-1], keepDims: true))]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    softmaxRows(
      of: step.inputs[0], columns: step.inputTypes[0].shape.dimensions.last ?? 1,
      logarithm: isLogarithm, into: step.outputs[0], threads: run.threads)
  }
}

/// The projection of each row along the last axis onto the probabilities: `max(x - τ, 0)` with the τ
/// for which it sums to 1. Small elements become exactly 0.
///
/// Martins and Astudillo 2016, https://arxiv.org/abs/1602.02068
package struct Sparsemax: Op {
  package init() {}

  package var name: String { "sparsemax" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    try lastAxisTypes(inputs, of: name)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    [
      inputs[0].mappingRows { row in
        var (sum, threshold) = (0.0, 0.0)
        for (index, value) in row.sorted(by: >).enumerated() {
          sum += value
          let candidate = (sum - 1) / Double(index + 1)
          if value > candidate { threshold = candidate }
        }
        return row.map { max($0 - threshold, 0) }
      }
    ]
  }

  /// Within the support: the gradient less its mean there.
  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let support = try context.outputs[0].greater(than: 0)
    let g = try support * context.outputGradients[0]
    let mean =
      try g.sum(axes: [-1], keepDims: true) / support.sum(axes: [-1], keepDims: true)
    return [try g - support * mean]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    sparsemaxRows(
      of: step.inputs[0], columns: step.inputTypes[0].shape.dimensions.last ?? 1,
      into: step.outputs[0], threads: run.threads)
  }
}

/// The type of an op along the last axis, which must not be empty.
private func lastAxisTypes(
  _ inputs: [TensorType], of name: String
) throws(EngineError) -> [TensorType] {
  guard inputs.count == 1, inputs[0].dtype == .float32, let last = inputs[0].shape.dimensions.last,
    last > 0
  else {
    throw EngineError(
      .operandTypes(
        op: name, found: inputs, expected: "a float32 operand whose last axis is not empty"))
  }
  return inputs
}

extension ReferenceTensor {
  /// Every row along the last axis by itself.
  fileprivate func mappingRows(_ transform: ([Double]) -> [Double]) -> ReferenceTensor {
    let width = shape[shape.rank - 1]
    return ReferenceTensor(
      shape,
      (0..<values.count / width).flatMap { row in
        transform(Array(values[row * width..<(row + 1) * width]))
      })
  }
}

extension Value {
  /// Probabilities along `axis`.
  public func softmax(axis: Int = -1) throws(EngineError) -> Value {
    try applied(Softmax(), along: axis)
  }

  /// The logarithms of the probabilities along `axis`.
  public func logSoftmax(axis: Int = -1) throws(EngineError) -> Value {
    try applied(Softmax(logarithm: true), along: axis)
  }

  /// The projection onto the probabilities along `axis`.
  public func sparsemax(axis: Int = -1) throws(EngineError) -> Value {
    try applied(Sparsemax(), along: axis)
  }

  /// An op along the last axis, by transposition where it is another.
  private func applied(_ op: some Op, along axis: Int) throws(EngineError) -> Value {
    let axis = try shape.axis(axis, of: op.name)
    return try moving(axis: axis, toEnd: true).apply(op).moving(axis: axis, toEnd: false)
  }
}
