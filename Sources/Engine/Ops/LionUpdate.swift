import Kernels
import Tensors

/// Lion: steps of one size, along the signs of a mean of gradients.
///
///     c = β₁ m + (1 - β₁) g;  p ← p - rate · sign(c);  m ← β₂ m + (1 - β₂) g
///
/// Source: Chen et al., arXiv:2302.06675; keras/src/optimizers/lion.py of Keras 3.15.
package struct LionUpdate: UpdateRule {
  package let beta1: Double
  package let beta2: Double

  package init(beta1: Double = 0.9, beta2: Double = 0.99) {
    self.beta1 = beta1
    self.beta2 = beta2
  }

  package var name: String { "lionUpdate" }
  package var options: String { "beta1=\(beta1) beta2=\(beta2)" }
  package var slotNames: [String] { ["momentum"] }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var (p, m) = (inputs[0], inputs[2])
    let rate = inputs[3].values[0]
    for (i, g) in inputs[1].values.enumerated() {
      let mixed = beta1 * m.values[i] + (1 - beta1) * g
      p.values[i] -= mixed > 0 ? rate : mixed < 0 ? -rate : rate * mixed
      m.values[i] = beta2 * m.values[i] + (1 - beta2) * g
    }
    return [p, m]
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    updateByLion(
      update.parameter, gradient: update.gradient, mean: update.slots[0], rate: rate,
      beta1: Float(beta1), beta2: Float(beta2), threads: threads)
  }
}
