import Kernels
import Tensors

/// The product of a matrix by a packed one: `c[i, j] = Σₖ a[i, k] · b[k, j]`.
///
/// Shapes: a [I, K], b packed [⌈J / 32⌉, K, 32], output [I, J]. Made by a pass, never by a layer.
package struct PackedMatMul: FinishableOp {
  /// J.
  package let columns: Int
  package var finish: Finish = .none

  package init(columns: Int) { self.columns = columns }

  package var name: String { "packedMatmul" + finish.suffix }
  package var options: String { "columns=\(columns)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let operands = try finish.withoutBias(inputs, width: columns, op: name)
    guard operands.count == 2, operands.allSatisfy({ $0.dtype == .float32 }),
      inputs[0].shape.rank == 2,
      inputs[1].shape == Pack.shape(rows: inputs[0].shape[1], columns: columns)
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "a matrix [I, K] and panels [⌈J/32⌉, K, 32]"))
    }
    return [TensorType([inputs[0].shape[0], columns])]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let plain = Pack.unpacked(inputs[1], columns: columns)
    return [finish.reference(MatMul().reference([inputs[0], plain], run)[0], inputs)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (rows, inner) = (step.inputTypes[0].shape[0], step.inputTypes[0].shape[1])
    PackedMatrix(packed: step.inputs[1], rows: inner, columns: columns)?.multiply(
      Matrix(step.inputs[0], rows: rows, columns: inner),
      into: Matrix(step.outputs[0], rows: rows, columns: columns),
      finish: finish.rows(step.inputs), threads: run.threads)
  }
}
