import Kernels
import Tensors

/// A matrix laid out for products: panels of 32 columns, `y[p, k, j] = x[k, 32·p + j]`, 0 beyond the last
/// column; of the transpose of x with `isTransposed`.
///
/// Shapes: x […, J] taken as [I, J], output [⌈J / 32⌉, I, 32]. Made by a pass, never by a layer, and only
/// where the processor has products of panels.
package struct Pack: Op {
  package let isTransposed: Bool

  package init(transposed: Bool = false) { isTransposed = transposed }

  package var name: String { "pack" }
  package var options: String { isTransposed ? "transposed" : "" }

  /// The extents of the matrix that is packed.
  private func extents(_ shape: Shape) -> (rows: Int, columns: Int) {
    let columns = shape.dimensions.last ?? 1
    let rows = shape.dimensions.dropLast().reduce(1, *)
    return isTransposed ? (columns, rows) : (rows, columns)
  }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32, inputs[0].shape.rank >= 2,
      inputs[0].shape.count > 0
    else {
      throw EngineError(.operandTypes(op: name, found: inputs, expected: "a matrix […, J]"))
    }
    let (rows, columns) = extents(inputs[0].shape)
    return [TensorType(Self.shape(rows: rows, columns: columns))]
  }

  static func shape(rows: Int, columns: Int) -> Shape {
    let width = PackedMatrix.panelWidth
    return [(columns + width - 1) / width, rows, width]
  }

  /// The shape of a packed kernel [K…, C, F], taken as [K·C, F].
  static func shape(ofKernel kernel: Shape) -> Shape {
    shape(rows: kernel.dimensions.dropLast().reduce(1, *), columns: kernel.dimensions.last ?? 1)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (rows, columns) = extents(inputs[0].shape)
    var panels = ReferenceTensor(Self.shape(rows: rows, columns: columns))
    let width = panels.shape[2]
    for k in 0..<rows {
      for j in 0..<columns {
        panels[j / width, k, j % width] =
          inputs[0].values[isTransposed ? j * rows + k : k * columns + j]
      }
    }
    return [panels]
  }

  /// The matrix in panels, as the reference of an op that takes them sees it.
  static func unpacked(_ panels: ReferenceTensor, columns: Int) -> ReferenceTensor {
    let (rows, width) = (panels.shape[1], panels.shape[2])
    var matrix = ReferenceTensor([rows, columns])
    for k in 0..<rows { for j in 0..<columns { matrix[k, j] = panels[j / width, k, j % width] } }
    return matrix
  }

  static func unpacked(_ panels: ReferenceTensor, kernel: Shape) -> ReferenceTensor {
    ReferenceTensor(kernel, unpacked(panels, columns: kernel.dimensions.last ?? 1).values)
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "it is made where nothing learns"))
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (rows, columns) = extents(step.inputTypes[0].shape)
    let matrix = Matrix(
      step.inputs[0], rows: isTransposed ? columns : rows, columns: isTransposed ? rows : columns,
      transposed: isTransposed)
    // Packed where it belongs, so what this gives is not needed.
    _ = PackedMatrix(matrix, into: step.outputs[0], threads: run.threads)
  }
}
