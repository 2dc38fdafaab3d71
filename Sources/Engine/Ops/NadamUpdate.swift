import Kernels
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Nadam: Adam with Nesterov's momentum.
///
///     m ← m + (g - m)(1 - β₁);  v ← v + (g² - v)(1 - β₂)
///     μᵗ = β₁ (1 - ½ · 0.96^(d t));  Πᵗ = μ¹ μ² … μᵗ
///     p ← p - rate · (μᵗ⁺¹ m / (1 - Πᵗ⁺¹) + (1 - μᵗ) g / (1 - Πᵗ)) / (√(v / (1 - β₂ᵗ)) + epsilon)
///
/// where t counts updates from 1 and d, `scheduleDecay`, is 1; in Keras 1 and 2 it is an option. The
/// product follows from t, so it is no slot here, though a file has it.
///
/// Source: Dozat, ICLR workshop 2016; keras/src/optimizers/nadam.py of Keras 3.15.
package struct NadamUpdate: UpdateRule {
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Double
  package let scheduleDecay: Double
  package private(set) var takesSquares = false

  package init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7, scheduleDecay: Double = 1
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.scheduleDecay = scheduleDecay
  }

  package func takingSquares() -> NadamUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "nadamUpdate" }
  package var options: String {
    "beta1=\(beta1) beta2=\(beta2) epsilon=\(epsilon)"
      + (scheduleDecay != 1 ? " scheduleDecay=\(scheduleDecay)" : "")
      + (takesSquares ? " squares" : "")
  }
  package var slotNames: [String] { ["momentum", "velocity"] }

  /// μᵗ, in float32 as in Keras.
  private func momentum(_ update: Float) -> Float {
    Float(beta1) * (1 - 0.5 * powf(0.96, Float(scheduleDecay) * update))
  }

  /// Πᵗ, rounded at each factor as in Keras. Where it is too small for 1 - Πᵗ to tell it from 0, the
  /// factors that are left are passed over.
  package func product(after updates: Float) -> Float {
    var product: Float = 1
    var update: Float = 1
    while update <= updates, product > 1e-12 {
      product *= momentum(update)
      update += 1
    }
    return product
  }

  private func constants(rate: Float, update: Float) -> NadamConstants {
    let (now, next) = (momentum(update), momentum(update + 1))
    let product = product(after: update)
    return NadamConstants(
      rate: rate, oneMinusBeta1: 1 - Float(beta1), oneMinusBeta2: 1 - Float(beta2),
      epsilon: Float(epsilon), next: (next, 1 - product * next), now: (1 - now, 1 - product),
      correction: 1 - power(Float(beta2), update))
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var (p, m, v) = (inputs[0], inputs[firstSlot], inputs[firstSlot + 1])
    let settings = inputs[inputs.count - 1].values
    // The corrections lose digits in float32, which is part of the definition, as for Adam.
    let c = constants(rate: Float(settings[0]), update: Float(settings[1]))
    let mean = Double(c.next.factor) / Double(c.next.divisor)
    let own = Double(c.now.factor) / Double(c.now.divisor)
    for (i, g) in inputs[1].values.enumerated() {
      m.values[i] += (g - m.values[i]) * Double(c.oneMinusBeta1)
      let square = takesSquares ? inputs[2].values[i] : g * g
      v.values[i] += (square - v.values[i]) * Double(c.oneMinusBeta2)
      let root = (v.values[i] / Double(c.correction)).squareRoot()
      p.values[i] -= settings[0] * (mean * m.values[i] + own * g) / (root + epsilon)
    }
    return [p, m, v]
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    updateByNadam(
      update.parameter, gradient: update.gradient, squares: update.squares, mean: update.slots[0],
      square: update.slots[1], constants(rate: rate, update: count), threads: threads)
  }
}
