import Kernels
import Tensors

/// RMSprop, with or without momentum, centered or not.
///
///     v ← ρ v + (1 - ρ) g²
///     a ← ρ a + (1 - ρ) g                  (0 unless centered)
///     s = rate · g / √(v - a² + epsilon)
///     m ← momentum · m + s;  p ← p - m     (p ← p - s without momentum)
///
/// Keras is followed against other frameworks: epsilon stands under the root.
///
/// Source: Hinton, "Neural networks for machine learning", lecture 6e (2012);
/// keras/src/optimizers/rmsprop.py of Keras 3.15.
package struct RMSpropUpdate: UpdateRule {
  package let rho: Double
  package let momentum: Double
  package let epsilon: Double
  package let centered: Bool
  package private(set) var takesSquares = false

  package init(
    rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7, centered: Bool = false
  ) {
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.centered = centered
  }

  package func takingSquares() -> RMSpropUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "rmspropUpdate" }
  package var options: String {
    "rho=\(rho) epsilon=\(epsilon)" + (momentum > 0 ? " momentum=\(momentum)" : "")
      + (centered ? " centered" : "") + (takesSquares ? " squares" : "")
  }
  package var slotNames: [String] {
    ["velocity"] + (momentum > 0 ? ["momentum"] : []) + (centered ? ["average_gradient"] : [])
  }

  private var momentumSlot: Int? { momentum > 0 ? 1 : nil }
  private var averageSlot: Int? { centered ? slotNames.count - 1 : nil }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var p = inputs[0]
    var slots = Array(inputs[firstSlot..<inputs.count - 1])
    let rate = inputs[inputs.count - 1].values[0]
    for (i, g) in inputs[1].values.enumerated() {
      let square = takesSquares ? inputs[2].values[i] : g * g
      slots[0].values[i] = rho * slots[0].values[i] + (1 - rho) * square
      var variance = slots[0].values[i]
      if let slot = averageSlot {
        slots[slot].values[i] = rho * slots[slot].values[i] + (1 - rho) * g
        variance -= slots[slot].values[i] * slots[slot].values[i]
      }
      var increment = rate * g / (variance + epsilon).squareRoot()
      if let slot = momentumSlot {
        increment += momentum * slots[slot].values[i]
        slots[slot].values[i] = increment
      }
      p.values[i] -= increment
    }
    return [p] + slots
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    updateByRMSprop(
      update.parameter, gradient: update.gradient, squares: update.squares,
      square: update.slots[0], momentum: momentumSlot.map { update.slots[$0] },
      average: averageSlot.map { update.slots[$0] },
      RMSpropConstants(
        rate: rate, rho: Float(rho), oneMinusRho: Float(1 - rho), momentum: Float(momentum),
        epsilon: Float(epsilon)),
      threads: threads)
  }
}
