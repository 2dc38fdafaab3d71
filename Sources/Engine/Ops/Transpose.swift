import Kernels
import Tensors

/// The axes in another order: axis i of the result is axis `permutation[i]` of the operand.
package struct Transpose: Op {
  package let permutation: [Int]

  package init(_ permutation: [Int]) { self.permutation = permutation }

  package var name: String { "transpose" }
  package var options: String {
    "permutation=" + permutation.map(String.init).joined(separator: ",")
  }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, permutation.sorted() == Array(0..<inputs[0].shape.rank) else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an operand whose axes \(permutation) permutes"))
    }
    return [TensorType(Shape(permutation.map { inputs[0].shape[$0] }), inputs[0].dtype)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let x = inputs[0]
    let shape = Shape(permutation.map { x.shape[$0] })
    return [
      ReferenceTensor(
        shape,
        shape.indices.map { index in
          var source = index
          for (axis, original) in permutation.enumerated() { source[original] = index[axis] }
          return x.values[zip(source, x.shape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }]
        })
    ]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    guard context.inputs[0].type.dtype == .float32 else { return [nil] }
    var inverse = permutation
    for (axis, original) in permutation.enumerated() { inverse[original] = axis }
    return [try context.outputGradients[0].transposed(inverse)]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    transpose(
      step.inputs[0], step.inputTypes[0].shape.dimensions, permutation, into: step.outputs[0],
      threads: run.threads)
  }
}

extension Value {
  /// The axes in another order: axis i of the result is axis `permutation[i]` of this value.
  public func transposed(_ permutation: [Int]) throws(EngineError) -> Value {
    let op = Transpose(permutation)
    let types = try op.outputTypes([type])
    // Where only axes of extent 1 change places, no element does.
    let moving = permutation.filter { shape[$0] != 1 }
    return moving == moving.sorted() ? try reshaped(types[0].shape) : try apply(op)
  }

  /// This value with `axis` moved to the end, or back from there; for ops along the last axis.
  ///
  /// - Precondition: it has that axis, counted from 0.
  public func moving(axis: Int, toEnd: Bool) throws(EngineError) -> Value {
    var permutation = Array(0..<rank)
    if toEnd {
      permutation.append(permutation.remove(at: axis))
    } else {
      permutation.insert(permutation.removeLast(), at: axis)
    }
    return try transposed(permutation)
  }
}
