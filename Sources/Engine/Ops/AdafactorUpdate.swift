import Kernels
package import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Adafactor: squares of gradients kept by row and by column.
///
///     ρ = min(rate, 1 / √t);  β = 1 - t^decay;  q = g² + epsilon₁
///     matrices:  r ← β r + (1 - β) mean(q by row);  c ← β c + (1 - β) mean(q by column)
///                v ← r ⊗ c / mean(r)
///     vectors:   v ← β v + (1 - β) q
///     u = g / √v;  p ← p - max(epsilon₂, rms(p)) · ρ · u / max(1, rms(u) / clipThreshold)
///
/// where t counts updates from 1. A parameter of more axes is a list of matrices of its last two; the
/// slots r and c of a vector are scalars that nothing uses.
///
/// Source: Shazeer and Stern, arXiv:1804.04235; keras/src/optimizers/adafactor.py of Keras 3.15.
package struct AdafactorUpdate: UpdateRule {
  package let beta2Decay: Double
  package let epsilon1: Double
  package let epsilon2: Double
  package let clipThreshold: Double
  /// The shape of the parameter.
  package let shape: Shape
  package private(set) var takesSquares = false

  package init(
    beta2Decay: Double = -0.8, epsilon1: Double = 1e-30, epsilon2: Double = 1e-3,
    clipThreshold: Double = 1, shape: Shape
  ) {
    self.beta2Decay = beta2Decay
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.clipThreshold = clipThreshold
    self.shape = shape
  }

  package func takingSquares() -> AdafactorUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "adafactorUpdate" }
  package var options: String {
    "beta2Decay=\(beta2Decay) epsilon=\(epsilon1) \(epsilon2) clipThreshold=\(clipThreshold)"
      + (takesSquares ? " squares" : "")
  }
  package var slotNames: [String] { ["row", "column", "velocity"] }
  package var isElementwise: Bool { false }

  package func slotShape(_ slot: Int, of parameter: Shape) -> Shape {
    Self.slotShape(slot, of: parameter)
  }

  package static func slotShape(_ slot: Int, of parameter: Shape) -> Shape {
    guard slot < 2 else { return parameter }
    guard parameter.rank > 1 else { return [] }
    var extents = parameter.dimensions
    extents.remove(at: slot == 0 ? extents.count - 1 : extents.count - 2)
    return Shape(extents)
  }

  private var matrix: (rows: Int, columns: Int)? {
    shape.rank > 1 ? (shape[shape.rank - 2], shape[shape.rank - 1]) : nil
  }

  private func beta(_ update: Float) -> Float { 1 - powf(update, Float(beta2Decay)) }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var p = inputs[0]
    var (r, c, v) = (inputs[firstSlot], inputs[firstSlot + 1], inputs[firstSlot + 2])
    let settings = inputs[inputs.count - 1].values
    // In float32 this is 0 for the first update, as in Keras.
    let beta = Double(beta(Float(settings[1])))
    let given = takesSquares ? inputs[2].values : inputs[1].values.map { $0 * $0 }
    let squares = given.map { $0 + epsilon1 }
    if let (rows, columns) = matrix {
      for number in 0..<shape.count / (rows * columns) {
        func place(_ i: Int, _ j: Int) -> Int { (number * rows + i) * columns + j }
        for i in 0..<rows {
          let mean = (0..<columns).reduce(0) { $0 + squares[place(i, $1)] } / Double(columns)
          r.values[number * rows + i] = beta * r.values[number * rows + i] + (1 - beta) * mean
        }
        for j in 0..<columns {
          let mean = (0..<rows).reduce(0) { $0 + squares[place($1, j)] } / Double(rows)
          c.values[number * columns + j] =
            beta * c.values[number * columns + j] + (1 - beta) * mean
        }
        let mean = (0..<rows).reduce(0) { $0 + r.values[number * rows + $1] } / Double(rows)
        for i in 0..<rows {
          for j in 0..<columns {
            v.values[place(i, j)] =
              r.values[number * rows + i] / mean * c.values[number * columns + j]
          }
        }
      }
    } else {
      for i in squares.indices { v.values[i] = beta * v.values[i] + (1 - beta) * squares[i] }
    }
    func rootMean(_ values: [Double]) -> Double {
      (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }
    let step = zip(inputs[1].values, v.values).map { $0 / $1.squareRoot() }
    let rate = min(settings[0], 1 / settings[1].squareRoot()) * max(epsilon2, rootMean(p.values))
    // The squares of the step: where squares are given, these over v.
    let roots = zip(given, v.values).map { ($0 / $1).squareRoot() }
    let divisor = max(1, rootMean(roots) / clipThreshold)
    for i in step.indices { p.values[i] -= rate * step[i] / divisor }
    return [p, r, c, v]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { ScaledUpdateScratch.count(shape.count, columns: matrix?.columns ?? 0) }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    guard let scratch = update.scratch else { preconditionFailure("no working memory") }
    updateByAdafactor(
      update.parameter, gradient: update.gradient, squares: update.squares,
      AdafactorSlots(
        rows: update.slots[0], columns: update.slots[1], squares: update.slots[2], matrix: matrix),
      AdafactorConstants(
        rate: min(rate, 1 / count.squareRoot()), beta2: beta(count), epsilon1: Float(epsilon1),
        epsilon2: Float(epsilon2), clipThreshold: Float(clipThreshold)),
      scratch: scratch, threads: threads)
  }
}
