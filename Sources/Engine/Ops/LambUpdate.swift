import Kernels
import Tensors

/// Lamb: Adam's step, as long as the parameter is.
///
///     m ← m + (g - m)(1 - β₁);  v ← v + (g² - v)(1 - β₂)
///     s = m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + epsilon)
///     p ← p - ‖p‖ / ‖s‖ · rate · s
///
/// where t counts updates from 1, and the ratio is 1 if either norm is 0.
///
/// Source: You et al., arXiv:1904.00962; keras/src/optimizers/lamb.py of Keras 3.15.
package struct LambUpdate: UpdateRule {
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Double
  package private(set) var takesSquares = false

  package init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  package func takingSquares() -> LambUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "lambUpdate" }
  package var options: String {
    "beta1=\(beta1) beta2=\(beta2) epsilon=\(epsilon)" + (takesSquares ? " squares" : "")
  }
  package var slotNames: [String] { ["momentum", "velocity"] }
  package var isElementwise: Bool { false }

  private func corrections(_ update: Float) -> (Float, Float) {
    (1 - power(Float(beta1), update), 1 - power(Float(beta2), update))
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var (p, m, v) = (inputs[0], inputs[firstSlot], inputs[firstSlot + 1])
    let settings = inputs[inputs.count - 1].values
    // The corrections lose digits in float32, which is part of the definition, as for Adam.
    let (first, second) = corrections(Float(settings[1]))
    var step = p.values
    for (i, g) in inputs[1].values.enumerated() {
      m.values[i] += (g - m.values[i]) * (1 - beta1)
      let square = takesSquares ? inputs[2].values[i] : g * g
      v.values[i] += (square - v.values[i]) * (1 - beta2)
      step[i] =
        m.values[i] / Double(first) / ((v.values[i] / Double(second)).squareRoot() + epsilon)
    }
    func norm(_ values: [Double]) -> Double {
      values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let (size, length) = (norm(p.values), norm(step))
    let ratio = size > 0 && length > 0 ? size / length : 1
    for i in step.indices { p.values[i] -= ratio * settings[0] * step[i] }
    return [p, m, v]
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { ScaledUpdateScratch.count(inputs[0].shape.count) }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    guard let scratch = update.scratch else { preconditionFailure("no working memory") }
    updateByLamb(
      update.parameter, gradient: update.gradient, squares: update.squares, mean: update.slots[0],
      square: update.slots[1],
      LambConstants(
        rate: rate, oneMinusBeta1: Float(1 - beta1), oneMinusBeta2: Float(1 - beta2),
        corrections: corrections(count), epsilon: Float(epsilon)),
      scratch: scratch, threads: threads)
  }
}
