import Kernels
import Tensors

/// What each token of an embedding adds to a convolution through each tap:
/// `y[b, v, k, j] = Σ_c embedding[v, c] · kernel[k, c, b·W + j]`, 0 where there is no filter b·W + j.
///
/// Shapes: embedding [V, C], kernel [K, C, F], output [B, V, K, W]; see `TokenConvolution` for the blocks.
/// Made by a pass, never by a layer.
package struct TokenTable: Op {
  package init() {}

  package var name: String { "tokenTable" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, inputs.allSatisfy({ $0.dtype == .float32 }),
      inputs[0].shape.rank == 2, inputs[1].shape.rank == 3,
      inputs[0].shape[1] == inputs[1].shape[1],
      case (let blocks, let width) = TokenConvolution.blocks(filters: inputs[1].shape[2]),
      let shape = Shape(checking: [blocks, inputs[0].shape[0], inputs[1].shape[0], width])
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an embedding [V, C] and a kernel [K, C, F]"))
    }
    return [TensorType(shape)]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (embedding, kernel) = (inputs[0], inputs[1])
    let (blocks, width) = TokenConvolution.blocks(filters: kernel.shape[2])
    var table = ReferenceTensor([blocks, embedding.shape[0], kernel.shape[0], width])
    for v in 0..<embedding.shape[0] {
      for k in 0..<kernel.shape[0] {
        for f in 0..<kernel.shape[2] {
          for c in 0..<embedding.shape[1] {
            table[f / width, v, k, f % width] += embedding[v, c] * kernel[k, c, f]
          }
        }
      }
    }
    return [table]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int {
    tokenTableScratchCount(channels: inputs[0].shape[1], filters: inputs[1].shape[2])
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (embedding, kernel) = (step.inputTypes[0].shape, step.inputTypes[1].shape)
    makeTokenTable(
      embedding: Matrix(step.inputs[0], rows: embedding[0], columns: embedding[1]),
      kernel: step.inputs[1], size: kernel[0], filters: kernel[2], into: step.outputs[0],
      scratch: step.scratch, threads: run.threads)
  }
}
