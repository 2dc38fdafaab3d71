import Kernels
import Tensors

/// Equal parts along one axis: `y_k[…, i, …] = x[…, k n + i, …]`, n being the extent of a part. One op for
/// all parts, so that their gradients are put together once rather than padded and added up.
package struct Split: Op {
  package let axis: Int
  package let parts: Int

  package init(axis: Int, parts: Int) {
    self.axis = axis
    self.parts = parts
  }

  package var name: String { "split" }
  package var options: String { "axis=\(axis) parts=\(parts)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, parts > 0, axis >= 0, axis < inputs[0].shape.rank,
      inputs[0].shape[axis] % parts == 0
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "an operand with \(parts) equal parts along axis \(axis)"))
    }
    let type = TensorType(part(of: inputs[0].shape), inputs[0].dtype)
    return .init(repeating: type, count: parts)
  }

  private func part(of shape: Shape) -> Shape {
    var dimensions = shape.dimensions
    dimensions[axis] /= parts
    return Shape(dimensions)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let x = inputs[0]
    let (outer, inner) = x.shape.extents(around: axis)
    let shape = part(of: x.shape)
    return (0..<parts).map { part in
      let values = (0..<outer).flatMap { o in
        (0..<shape[axis]).flatMap { i in
          (0..<inner).map {
            x.values[(o * x.shape[axis] + part * shape[axis] + i) * inner + $0]
          }
        }
      }
      return ReferenceTensor(shape, values)
    }
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    guard context.inputs[0].type.dtype == .float32 else { return [nil] }
    let parts = context.outputGradients
    return [try parts[0].concatenated(with: Array(parts.dropFirst()), axis: axis)]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (outer, inner) = step.inputTypes[0].shape.extents(around: axis)
    for (part, output) in step.outputs.enumerated() {
      let length = step.outputTypes[part].shape[axis] * inner
      copyRows(
        outer, of: length, from: step.inputs[0], at: part * length, stride: parts * length,
        into: output, at: 0, stride: length, threads: run.threads)
    }
  }
}

extension Value {
  /// Equal parts along `axis`, which may count from the end.
  public func split(_ parts: Int, axis: Int) throws(EngineError) -> [Value] {
    let axis = try shape.axis(axis, of: "split")
    return parts == 1 ? [self] : try builder.apply(Split(axis: axis, parts: parts), [self])
  }
}
