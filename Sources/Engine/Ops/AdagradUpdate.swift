import Kernels
import Tensors

/// Adagrad.
///
///     a ← a + g²;  p ← p - rate · g / √(a + epsilon)
///
/// Keras is followed against other frameworks: epsilon stands under the root.
///
/// Source: Duchi, Hazan and Singer, JMLR 12 (2011); keras/src/optimizers/adagrad.py of Keras 3.15.
package struct AdagradUpdate: UpdateRule {
  package let epsilon: Double
  package private(set) var takesSquares = false

  package init(epsilon: Double = 1e-7) { self.epsilon = epsilon }

  package func takingSquares() -> AdagradUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "adagradUpdate" }
  package var options: String { "epsilon=\(epsilon)" + (takesSquares ? " squares" : "") }
  package var slotNames: [String] { ["accumulator"] }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var (p, a) = (inputs[0], inputs[firstSlot])
    let rate = inputs[inputs.count - 1].values[0]
    for (i, g) in inputs[1].values.enumerated() {
      a.values[i] += takesSquares ? inputs[2].values[i] : g * g
      p.values[i] -= rate * g / (a.values[i] + epsilon).squareRoot()
    }
    return [p, a]
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    updateByAdagrad(
      update.parameter, gradient: update.gradient, squares: update.squares,
      accumulator: update.slots[0], rate: rate, epsilon: Float(epsilon), threads: threads)
  }
}
