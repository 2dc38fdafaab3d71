package import Kernels
import Tensors

/// Sums along an axis: the result's position j is `Σₖ weightₖ · x[positionₖ]`, the terms being j's.
public struct Taps: Sendable, Hashable {
  /// One term of a sum.
  public struct Term: Sendable, Hashable {
    public let position: Int
    public let weight: Double

    public init(_ position: Int, _ weight: Double) {
      self.position = position
      self.weight = weight
    }
  }

  /// The positions of the operand's axis.
  package let length: Int
  package let sums: [[Term]]
  package let rows: RowSums

  /// - Precondition: every term's position is on the axis.
  public init(length: Int, sums: [[Term]]) {
    precondition(
      sums.joined().allSatisfy { (0..<length).contains($0.position) }, "a term beside the axis")
    self.length = length
    self.sums = sums
    rows = RowSums(length: length, sums.map { $0.map { ($0.position, Float($0.weight)) } })
  }

  /// The sums that give the operand's gradient from the result's.
  fileprivate var transposed: Taps {
    var sums = [[Term]](repeating: [], count: length)
    for (result, terms) in self.sums.enumerated() {
      for term in terms { sums[term.position].append(Term(result, term.weight)) }
    }
    return Taps(length: self.sums.count, sums: sums)
  }

  public static func == (a: Taps, b: Taps) -> Bool { a.length == b.length && a.sums == b.sums }

  public func hash(into hasher: inout Hasher) { hasher.combine(sums) }
}

/// Sums along one axis, such as an interpolation takes: `y[…, j, …] = Σₖ weightₖ · x[…, positionₖ, …]`.
package struct Resample: Op {
  package let axis: Int
  package let taps: Taps

  package init(axis: Int, taps: Taps) {
    self.axis = axis
    self.taps = taps
  }

  package var name: String { "resample" }
  package var options: String { "axis=\(axis) from=\(taps.length) to=\(taps.sums.count)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32, axis >= 0, axis < inputs[0].shape.rank,
      inputs[0].shape[axis] == taps.length
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "a float32 operand of \(taps.length) positions on axis \(axis)"))
    }
    var dimensions = inputs[0].shape.dimensions
    dimensions[axis] = taps.sums.count
    guard let shape = Shape(checking: dimensions) else {
      throw EngineError(.options(op: name, reason: "there are too many positions"))
    }
    return [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let x = inputs[0]
    let (outer, inner) = x.shape.extents(around: axis)
    var dimensions = x.shape.dimensions
    dimensions[axis] = taps.sums.count
    var y = ReferenceTensor(Shape(dimensions))
    for o in 0..<outer {
      for (j, terms) in taps.sums.enumerated() {
        for i in 0..<inner {
          for term in terms {
            let seen = x.values[(o * taps.length + term.position) * inner + i]
            y.values[(o * taps.sums.count + j) * inner + i] += term.weight * seen
          }
        }
      }
    }
    return [y]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    [try context.outputGradients[0].apply(Resample(axis: axis, taps: taps.transposed))]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (outer, inner) = step.inputTypes[0].shape.extents(around: axis)
    taps.rows.apply(
      to: step.inputs[0], outer: outer, width: inner, into: step.outputs[0], threads: run.threads)
  }
}

extension Value {
  /// The sums along `axis`, which may count from the end.
  public func resampled(axis: Int, _ taps: Taps) throws(EngineError) -> Value {
    try apply(Resample(axis: try shape.axis(axis, of: "resample"), taps: taps))
  }
}
