import Kernels
import Tensors

/// Adadelta.
///
///     a ← ρ a + (1 - ρ) g²
///     c = g · √(d + epsilon) / √(a + epsilon)
///     d ← ρ d + (1 - ρ) c²;  p ← p - rate · c
///
/// Where squares are given, c² is their part of the same change.
///
/// Source: Zeiler, arXiv:1212.5701; keras/src/optimizers/adadelta.py of Keras 3.15.
package struct AdadeltaUpdate: UpdateRule {
  package let rho: Double
  package let epsilon: Double
  package private(set) var takesSquares = false

  package init(rho: Double = 0.95, epsilon: Double = 1e-7) {
    self.rho = rho
    self.epsilon = epsilon
  }

  package func takingSquares() -> AdadeltaUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "adadeltaUpdate" }
  package var options: String {
    "rho=\(rho) epsilon=\(epsilon)" + (takesSquares ? " squares" : "")
  }
  package var slotNames: [String] { ["accumulated_grad", "accumulated_delta_var"] }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var (p, a, d) = (inputs[0], inputs[firstSlot], inputs[firstSlot + 1])
    let rate = inputs[inputs.count - 1].values[0]
    for (i, g) in inputs[1].values.enumerated() {
      let square = takesSquares ? inputs[2].values[i] : g * g
      a.values[i] = rho * a.values[i] + (1 - rho) * square
      let factor = ((d.values[i] + epsilon) / (a.values[i] + epsilon)).squareRoot()
      d.values[i] = rho * d.values[i] + (1 - rho) * factor * factor * square
      p.values[i] -= rate * factor * g
    }
    return [p, a, d]
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    updateByAdadelta(
      update.parameter, gradient: update.gradient, squares: update.squares,
      gradients: update.slots[0], changes: update.slots[1], rate: rate, rho: Float(rho),
      oneMinusRho: Float(1 - rho), epsilon: Float(epsilon), threads: threads)
  }
}
