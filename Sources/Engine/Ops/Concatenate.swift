import Kernels
import Tensors

/// Operands one behind the other along an axis.
package struct Concatenate: Op {
  package let axis: Int

  package init(axis: Int) { self.axis = axis }

  package var name: String { "concatenate" }
  package var options: String { "axis=\(axis)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard let first = inputs.first, axis >= 0, axis < first.shape.rank,
      inputs.allSatisfy({
        $0.dtype == first.dtype && rest(of: $0.shape) == rest(of: first.shape)
      }), let shape = joined(inputs.map(\.shape))
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "operands of one type and of equal extents except on axis \(axis)"))
    }
    return [TensorType(shape, first.dtype)]
  }

  /// The extents of the other axes; nil where there is no such axis.
  private func rest(of shape: Shape) -> [Int]? {
    guard axis < shape.rank else { return nil }
    var dimensions = shape.dimensions
    dimensions.remove(at: axis)
    return dimensions
  }

  private func joined(_ shapes: [Shape]) -> Shape? {
    var dimensions = shapes[0].dimensions
    for shape in shapes.dropFirst() {
      let (sum, overflow) = dimensions[axis].addingReportingOverflow(shape[axis])
      guard !overflow else { return nil }
      dimensions[axis] = sum
    }
    return Shape(checking: dimensions)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    guard let shape = joined(inputs.map(\.shape)) else { return [] }
    let (outer, inner) = shape.extents(around: axis)
    let values = (0..<outer).flatMap { o in
      inputs.flatMap { x in
        let run = x.shape[axis] * inner
        return x.values[o * run..<(o + 1) * run]
      }
    }
    return [ReferenceTensor(shape, values)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    var results: [Value?] = []
    var start = 0
    for (input, isNeeded) in zip(context.inputs, context.isNeeded) {
      let end = start + input.shape[axis]
      let needsOne = isNeeded && input.type.dtype == .float32
      results.append(
        needsOne ? try context.outputGradients[0].slice(axis: axis, start..<end) : nil)
      start = end
    }
    return results
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let shape = step.outputTypes[0].shape
    let (outer, inner) = shape.extents(around: axis)
    var start = 0
    for (input, type) in zip(step.inputs, step.inputTypes) {
      let length = type.shape[axis] * inner
      copyRows(
        outer, of: length, from: input, at: 0, stride: length, into: step.outputs[0], at: start,
        stride: shape[axis] * inner, threads: run.threads)
      start += length
    }
  }
}

extension Value {
  /// This value and `others` behind it along `axis`, which may count from the end.
  public func concatenated(with others: [Value], axis: Int) throws(EngineError) -> Value {
    let op = Concatenate(axis: try shape.axis(axis, of: "concatenate"))
    return others.isEmpty ? self : try builder.apply(op, [self] + others)[0]
  }
}
