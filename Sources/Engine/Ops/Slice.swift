import Kernels
import Tensors

/// A range along one axis: `y[…, i, …] = x[…, lower + i, …]`.
package struct Slice: Op {
  package let axis: Int
  package let range: Range<Int>

  package init(axis: Int, range: Range<Int>) {
    self.axis = axis
    self.range = range
  }

  package var name: String { "slice" }
  package var options: String { "axis=\(axis) range=\(range.lowerBound)..<\(range.upperBound)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, axis >= 0, axis < inputs[0].shape.rank, range.lowerBound >= 0,
      range.upperBound <= inputs[0].shape[axis]
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "an operand with the positions \(range) on axis \(axis)"))
    }
    var dimensions = inputs[0].shape.dimensions
    dimensions[axis] = range.count
    return [TensorType(Shape(dimensions), inputs[0].dtype)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let x = inputs[0]
    let (outer, inner) = x.shape.extents(around: axis)
    var dimensions = x.shape.dimensions
    dimensions[axis] = range.count
    let values = (0..<outer).flatMap { o in
      range.flatMap { i in (0..<inner).map { x.values[(o * x.shape[axis] + i) * inner + $0] } }
    }
    return [ReferenceTensor(Shape(dimensions), values)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let x = context.inputs[0]
    guard x.type.dtype == .float32 else { return [nil] }
    return [
      try context.outputGradients[0].padded(
        axis: axis, before: range.lowerBound, after: x.shape[axis] - range.upperBound)
    ]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let shape = step.inputTypes[0].shape
    let (outer, inner) = shape.extents(around: axis)
    copyRows(
      outer, of: range.count * inner, from: step.inputs[0], at: range.lowerBound * inner,
      stride: shape[axis] * inner, into: step.outputs[0], at: 0, stride: range.count * inner,
      threads: run.threads)
  }
}

/// Zeros before and behind, along one axis.
package struct Pad: Op {
  package let axis: Int
  package let before: Int
  package let after: Int

  package init(axis: Int, before: Int, after: Int) {
    self.axis = axis
    self.before = before
    self.after = after
  }

  package var name: String { "pad" }
  package var options: String { "axis=\(axis) before=\(before) after=\(after)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, axis >= 0, axis < inputs[0].shape.rank, before >= 0, after >= 0,
      let shape = padded(inputs[0].shape)
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "an operand to pad by \(before) and \(after) on axis \(axis)"))
    }
    return [TensorType(shape, inputs[0].dtype)]
  }

  private func padded(_ shape: Shape) -> Shape? {
    var dimensions = shape.dimensions
    let (leading, overflow) = dimensions[axis].addingReportingOverflow(before)
    let (extent, overflowAgain) = leading.addingReportingOverflow(after)
    guard !overflow, !overflowAgain else { return nil }
    dimensions[axis] = extent
    return Shape(checking: dimensions)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let x = inputs[0]
    guard let shape = padded(x.shape) else { return [] }
    let (outer, inner) = x.shape.extents(around: axis)
    var y = ReferenceTensor(shape)
    for o in 0..<outer {
      for i in 0..<x.shape[axis] * inner {
        y.values[(o * shape[axis] + before) * inner + i] = x.values[o * x.shape[axis] * inner + i]
      }
    }
    return [y]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let x = context.inputs[0]
    guard x.type.dtype == .float32 else { return [nil] }
    return [
      try context.outputGradients[0].slice(axis: axis, before..<before + x.shape[axis])
    ]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (from, to) = (step.inputTypes[0].shape, step.outputTypes[0].shape)
    let (outer, inner) = from.extents(around: axis)
    step.outputs[0].fill(0)
    copyRows(
      outer, of: from[axis] * inner, from: step.inputs[0], at: 0, stride: from[axis] * inner,
      into: step.outputs[0], at: before * inner, stride: to[axis] * inner, threads: run.threads)
  }
}

extension Value {
  /// The positions `range` on `axis`, which may count from the end.
  public func slice(axis: Int, _ range: Range<Int>) throws(EngineError) -> Value {
    let axis = try shape.axis(axis, of: "slice")
    return range == 0..<shape[axis] ? self : try apply(Slice(axis: axis, range: range))
  }

  /// Zeros before and behind on `axis`, which may count from the end.
  public func padded(axis: Int, before: Int, after: Int) throws(EngineError) -> Value {
    let axis = try shape.axis(axis, of: "pad")
    return before == 0 && after == 0
      ? self : try apply(Pad(axis: axis, before: before, after: after))
  }

  /// The first half along `axis`, gated by the second: a σ(b).
  public func glu(axis: Int = -1) throws(EngineError) -> Value {
    let axis = try shape.axis(axis, of: "glu")
    guard shape[axis].isMultiple(of: 2) else {
      throw EngineError(
        .options(op: "glu", reason: "the extent \(shape[axis]) of axis \(axis) is not even"))
    }
    let half = shape[axis] / 2
    return try slice(axis: axis, 0..<half)
      * slice(axis: axis, half..<shape[axis]).apply(.sigmoid)
  }
}
