import Kernels
import Tensors

/// The products of two stacks of matrices, one by one: `c[n] = a[n] · b[n]`, each operand as it is or
/// with its last two axes exchanged. Shapes: [N, I, K] and [N, K, J] to [N, I, J].
package struct BatchMatMul: Op {
  package let transposeA: Bool
  package let transposeB: Bool

  package init(transposeA: Bool = false, transposeB: Bool = false) {
    self.transposeA = transposeA
    self.transposeB = transposeB
  }

  package var name: String { "batchMatmul" }
  package var options: String { one.options }

  /// The product of one pair.
  private var one: MatMul { MatMul(transposeA: transposeA, transposeB: transposeB) }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, inputs.allSatisfy({ $0.dtype == .float32 && $0.shape.rank == 3 }),
      inputs[0].shape[0] == inputs[1].shape[0],
      let product = try? one.outputTypes(inputs.map { TensorType(matrix($0.shape)) })[0].shape,
      let shape = Shape(checking: inputs[0].shape.dimensions.prefix(1) + product.dimensions)
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "two stacks of matrices with equal inner extents"))
    }
    return [TensorType(shape)]
  }

  private func matrix(_ shape: Shape) -> Shape { [shape[1], shape[2]] }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    guard let type = try? outputTypes(inputs.map { TensorType($0.shape) }) else { return [] }
    let products = (0..<type[0].shape[0]).flatMap { n in
      one.reference(
        inputs.map { stack in
          let count = stack.shape[1] * stack.shape[2]
          return ReferenceTensor(
            matrix(stack.shape), Array(stack.values[n * count..<(n + 1) * count]))
        }, run)[0].values
    }
    return [ReferenceTensor(type[0].shape, products)]
  }

  /// As for one pair.
  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let (a, b, g) = (context.inputs[0], context.inputs[1], context.outputGradients[0])
    let da =
      transposeA
      ? try b.batchMatmul(g, transposeA: transposeB, transposeB: true)
      : try g.batchMatmul(b, transposeA: false, transposeB: !transposeB)
    let db =
      transposeB
      ? try g.batchMatmul(a, transposeA: true, transposeB: transposeA)
      : try a.batchMatmul(g, transposeA: !transposeA, transposeB: false)
    return [da, db]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let types = step.inputTypes + step.outputTypes
    let buffers = step.inputs + step.outputs
    let transposed = [transposeA, transposeB, false]
    @Sendable func matrix(_ operand: Int, _ n: Int) -> Matrix {
      let (rows, columns) = (types[operand].shape[1], types[operand].shape[2])
      return Matrix(
        buffers[operand].slice(n * rows * columns, rows * columns), rows: rows, columns: columns,
        transposed: transposed[operand])
    }
    let count = step.outputTypes[0].shape[0]
    // Of fewer pairs than threads each is shared out.
    let isSplit = count < run.threads
    parallel(count, threads: isSplit ? 1 : run.threads) { range in
      for n in range {
        multiply(
          matrix(0, n), matrix(1, n), into: matrix(2, n), threads: isSplit ? run.threads : 1)
      }
    }
  }
}

extension Value {
  /// The matrix products of this [N, I, K] and `other` [N, K, J], or of their transposes.
  public func batchMatmul(
    _ other: Value, transposeA: Bool = false, transposeB: Bool = false
  ) throws(EngineError) -> Value {
    try apply(BatchMatMul(transposeA: transposeA, transposeB: transposeB), other)
  }
}
