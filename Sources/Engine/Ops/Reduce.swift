package import Kernels
package import Tensors

/// Takes neighbouring axes away by a sum, a mean or a maximum. Axes that are not neighbours are
/// reduced one group after the other, the last first.
package struct Reduce: Op {
  package enum Function: String, Sendable, CaseIterable { case sum, mean, max }

  package let function: Function
  package let axes: Range<Int>

  package init(_ function: Function, axes: Range<Int>) {
    self.function = function
    self.axes = axes
  }

  package var name: String { function.rawValue }
  package var options: String { "axes=\(axes.lowerBound)..<\(axes.upperBound)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32, axes.lowerBound >= 0,
      axes.upperBound <= inputs[0].shape.rank,
      function != .max || extents(inputs[0].shape).reduced > 0
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "a float32 operand with the axes \(axes)"
            + (function == .max ? ", not empty along them" : "")))
    }
    var dimensions = inputs[0].shape.dimensions
    dimensions.removeSubrange(axes)
    return [TensorType(Shape(dimensions))]
  }

  package func extents(_ shape: Shape) -> ReductionExtents {
    let dimensions = shape.dimensions
    return ReductionExtents(
      outer: dimensions[..<axes.lowerBound].reduce(1, *), reduced: dimensions[axes].reduce(1, *),
      inner: dimensions[axes.upperBound...].reduce(1, *))
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let e = extents(inputs[0].shape)
    var dimensions = inputs[0].shape.dimensions
    dimensions.removeSubrange(axes)
    var result: [Double] = []
    for outer in 0..<e.outer {
      for inner in 0..<e.inner {
        let column = (0..<e.reduced).map {
          inputs[0].values[(outer * e.reduced + $0) * e.inner + inner]
        }
        switch function {
        case .sum: result.append(column.reduce(0, +))
        case .mean: result.append(column.reduce(0, +) / Double(e.reduced))
        case .max: result.append(column.dropFirst().reduce(column[0], BinaryFunction.maximum.value))
        }
      }
    }
    return [ReferenceTensor(Shape(dimensions), result)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (x, g) = (context.inputs[0], context.outputGradients[0])
    var kept = x.shape.dimensions
    for axis in axes { kept[axis] = 1 }
    switch function {
    case .sum: return [try g.reshaped(Shape(kept)).broadcast(to: x.shape)]
    case .mean:
      let share = 1 / Float(extents(x.shape).reduced)
      return [try g.scaled(by: share).reshaped(Shape(kept)).broadcast(to: x.shape)]
    case .max: return [try x.apply(MaxGradient(axes: axes), g)]
    }
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { function == .max ? 0 : extents(inputs[0].shape).sumScratchCount }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let extents = extents(step.inputTypes[0].shape)
    switch function {
    case .sum, .mean:
      sum(
        step.inputs[0], extents, divisor: function == .mean ? Float(extents.reduced) : 1,
        into: step.outputs[0], scratch: step.scratch, threads: run.threads)
    case .max: maximum(step.inputs[0], extents, into: step.outputs[0], threads: run.threads)
    }
  }
}

/// The gradient of a maximum along neighbouring axes: the largest elements share it equally, as in
/// TensorFlow. Windows of padding are all alike, so ties are no rarity.
package struct MaxGradient: Op {
  package let axes: Range<Int>

  package init(axes: Range<Int>) { self.axes = axes }

  package var name: String { "maxGradient" }
  package var options: String { Reduce(.max, axes: axes).options }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2,
      try Reduce(.max, axes: axes).outputTypes([inputs[0]]) == [inputs[1]]
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an operand and the gradient of its maximum"))
    }
    return [inputs[0]]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let e = Reduce(.max, axes: axes).extents(inputs[0].shape)
    var result = ReferenceTensor(inputs[0].shape)
    for outer in 0..<e.outer {
      for inner in 0..<e.inner {
        let places = (0..<e.reduced).map { (outer * e.reduced + $0) * e.inner + inner }
        let values = places.map { inputs[0].values[$0] }
        let largest = values.dropFirst().reduce(values[0], BinaryFunction.maximum.value)
        let share =
          inputs[1].values[outer * e.inner + inner] / Double(values.count { $0 == largest })
        for (place, value) in zip(places, values) {
          result.values[place] = largest.isNaN ? .nan : value == largest ? share : 0
        }
      }
    }
    return [result]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "second derivatives are not defined"))
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    maximumGradient(
      at: step.inputs[0], of: step.inputs[1],
      Reduce(.max, axes: axes).extents(step.inputTypes[0].shape), into: step.outputs[0],
      threads: run.threads)
  }
}
