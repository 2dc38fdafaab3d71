import Kernels
import Tensors

/// Adamax: Adam with the largest gradient, fading, in place of the mean of squares.
///
///     m ← m + (g - m)(1 - β₁);  u ← max(β₂ u, |g|)
///     p ← p - rate · m / ((1 - β₁ᵗ)(u + epsilon))
///
/// where t counts updates from 1. What stands for the squares is |g|.
///
/// Source: Kingma and Ba, arXiv:1412.6980, section 7; keras/src/optimizers/adamax.py of Keras 3.15.
package struct AdamaxUpdate: UpdateRule {
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Double
  package private(set) var takesSquares = false

  package init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  package func takingSquares() -> AdamaxUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "adamaxUpdate" }
  package var options: String {
    "beta1=\(beta1) beta2=\(beta2) epsilon=\(epsilon)" + (takesSquares ? " sizes" : "")
  }
  package var slotNames: [String] { ["momentum", "norm"] }
  package var measure: UnaryFunction { .abs }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var (p, m, u) = (inputs[0], inputs[firstSlot], inputs[firstSlot + 1])
    let settings = inputs[inputs.count - 1].values
    let correction = Double(1 - power(Float(beta1), Float(settings[1])))
    for (i, g) in inputs[1].values.enumerated() {
      m.values[i] += (g - m.values[i]) * (1 - beta1)
      u.values[i] = max(beta2 * u.values[i], takesSquares ? inputs[2].values[i] : abs(g))
      p.values[i] -= settings[0] * m.values[i] / (correction * (u.values[i] + epsilon))
    }
    return [p, m, u]
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    updateByAdamax(
      update.parameter, gradient: update.gradient, sizes: update.squares, mean: update.slots[0],
      norm: update.slots[1], rate: rate, oneMinusBeta1: Float(1 - beta1), beta2: Float(beta2),
      correction: 1 - power(Float(beta1), count), epsilon: Float(epsilon), threads: threads)
  }
}
