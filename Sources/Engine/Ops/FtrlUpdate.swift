import Kernels
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Follow the regularized leader.
///
///     a′ = a + g²
///     l ← l + g + 2 λ p - (a′^q - a^q) / rate · p,  q = -learningRatePower
///     p ← (clip(l, ±l1) - l) / (a′^q / rate + 2 (l2 + beta / (2 rate)));  a ← a′
///
/// where λ is `shrinkage`.
///
/// Source: McMahan et al., KDD 2013; keras/src/optimizers/ftrl.py of Keras 3.15.
package struct FtrlUpdate: UpdateRule {
  package let learningRatePower: Double
  package let l1: Double
  package let l2: Double
  package let shrinkage: Double
  package let beta: Double
  package private(set) var takesSquares = false

  package init(
    learningRatePower: Double = -0.5, l1: Double = 0, l2: Double = 0, shrinkage: Double = 0,
    beta: Double = 0
  ) {
    self.learningRatePower = learningRatePower
    self.l1 = l1
    self.l2 = l2
    self.shrinkage = shrinkage
    self.beta = beta
  }

  package func takingSquares() -> FtrlUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "ftrlUpdate" }
  package var options: String {
    "power=\(learningRatePower) l1=\(l1) l2=\(l2) shrinkage=\(shrinkage) beta=\(beta)"
      + (takesSquares ? " squares" : "")
  }
  package var slotNames: [String] { ["accumulator", "linear"] }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var (p, a, l) = (inputs[0], inputs[firstSlot], inputs[firstSlot + 1])
    let rate = inputs[inputs.count - 1].values[0]
    for (i, g) in inputs[1].values.enumerated() {
      let sum = a.values[i] + (takesSquares ? inputs[2].values[i] : g * g)
      let (before, after) = (pow(a.values[i], -learningRatePower), pow(sum, -learningRatePower))
      let value = p.values[i]
      l.values[i] += g + 2 * shrinkage * value - (after - before) / rate * value
      let clipped = min(max(l.values[i], -l1), l1)
      p.values[i] = (clipped - l.values[i]) / (after / rate + 2 * (l2 + beta / (2 * rate)))
      a.values[i] = sum
    }
    return [p, a, l]
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    updateByFtrl(
      update.parameter, gradient: update.gradient, squares: update.squares,
      accumulator: update.slots[0], linear: update.slots[1],
      FtrlConstants(
        rate: rate, power: Float(-learningRatePower), l1: Float(l1),
        l2: Float(l2) + Float(beta) / (2 * rate), shrinkage: Float(shrinkage)),
      threads: threads)
  }
}
