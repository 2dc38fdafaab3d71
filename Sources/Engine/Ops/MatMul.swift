import Kernels
import Tensors

/// The product of two matrices: `c[i, j] = Σₖ a[i, k] · b[k, j]`, each operand as it is or transposed. Made
/// by a pass, the sums get a bias [J] as a third operand, and a function.
package struct MatMul: FinishableOp {
  package let transposeA: Bool
  package let transposeB: Bool
  package var finish: Finish = .none

  package init(transposeA: Bool = false, transposeB: Bool = false) {
    self.transposeA = transposeA
    self.transposeB = transposeB
  }

  package var name: String { "matmul" + finish.suffix }
  package var options: String {
    [transposeA ? "transposeA" : "", transposeB ? "transposeB" : ""].filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let operands = try finish.withoutBias(
      inputs,
      width: inputs.count == 3 && inputs[1].shape.rank == 2
        ? inputs[1].shape[transposeB ? 0 : 1] : nil, op: name)
    guard operands.count == 2, operands.allSatisfy({ $0.dtype == .float32 && $0.shape.rank == 2 }),
      inputs[0].shape[transposeA ? 0 : 1] == inputs[1].shape[transposeB ? 1 : 0]
    else {
      throw EngineError(
        .operandTypes(op: name, found: inputs, expected: "two matrices with equal inner extents"))
    }
    return [
      TensorType([inputs[0].shape[transposeA ? 1 : 0], inputs[1].shape[transposeB ? 0 : 1]])
    ]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (a, b) = (inputs[0], inputs[1])
    let rows = a.shape[transposeA ? 1 : 0]
    let inner = a.shape[transposeA ? 0 : 1]
    let columns = b.shape[transposeB ? 0 : 1]
    var c = ReferenceTensor([rows, columns])
    for i in 0..<rows {
      for j in 0..<columns {
        for k in 0..<inner {
          c[i, j] += (transposeA ? a[k, i] : a[i, k]) * (transposeB ? b[j, k] : b[k, j])
        }
      }
    }
    return [finish.reference(c, inputs)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    guard finish.isEmpty else {
      throw EngineError(.options(op: name, reason: "it is made after differentiation"))
    }
    let (a, b, g) = (context.inputs[0], context.inputs[1], context.outputGradients[0])
    let da =
      transposeA
      ? try b.matmul(g, transposeA: transposeB, transposeB: true)
      : try g.matmul(b, transposeA: false, transposeB: !transposeB)
    let db =
      transposeB
      ? try g.matmul(a, transposeA: true, transposeB: transposeA)
      : try a.matmul(g, transposeA: !transposeA, transposeB: false)
    return [da, db]
  }

  /// Packing the right operand pays from so many rows of the left one on.
  private static let rowsWorthPacking = 16

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    let (rows, columns) = (outputs[0].shape[0], outputs[0].shape[1])
    guard rows >= Self.rowsWorthPacking else { return 0 }
    return PackedMatrix.count(rows: inputs[1].shape[transposeB ? 1 : 0], columns: columns)
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (a, b) = (step.inputTypes[0].shape, step.inputTypes[1].shape)
    let c = step.outputTypes[0].shape
    let left = Matrix(step.inputs[0], rows: a[0], columns: a[1], transposed: transposeA)
    let right = Matrix(step.inputs[1], rows: b[0], columns: b[1], transposed: transposeB)
    let result = Matrix(step.outputs[0], rows: c[0], columns: c[1])
    if c[0] >= Self.rowsWorthPacking,
      let packed = PackedMatrix(right, into: step.scratch, threads: run.threads)
    {
      packed.multiply(
        left, into: result, finish: finish.rows(step.inputs), threads: run.threads)
    } else {
      multiply(
        left, right, into: result, finish: finish.rows(step.inputs), threads: run.threads)
    }
  }
}

extension Value {
  /// The matrix product of this [I, K] and `other` [K, J], or of their transposes.
  public func matmul(
    _ other: Value, transposeA: Bool = false, transposeB: Bool = false
  ) throws(EngineError) -> Value {
    try apply(MatMul(transposeA: transposeA, transposeB: transposeB), other)
  }
}
