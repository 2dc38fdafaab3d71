import Kernels
import Tensors

/// Adam, with or without AMSGrad.
///
///     m ← m + (g - m)(1 - β₁)
///     v ← v + (g² - v)(1 - β₂)
///     p ← p - m · alpha / (√v + epsilon),  alpha = rate · √(1 - β₂ᵗ) / (1 - β₁ᵗ)
///
/// where t counts updates from 1. AMSGrad takes the largest v so far in place of v. Keras is followed
/// against the paper: epsilon is added to the root before its bias is corrected ("epsilon hat").
///
/// Source: Kingma and Ba, arXiv:1412.6980; Reddi et al., ICLR 2018; keras/src/optimizers/adam.py of
/// Keras 3.15.
package struct AdamUpdate: UpdateRule {
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Double
  package let amsgrad: Bool
  package private(set) var takesSquares = false

  package init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7, amsgrad: Bool = false
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
  }

  package func takingSquares() -> AdamUpdate {
    var rule = self
    rule.takesSquares = true
    return rule
  }

  package var name: String { "adamUpdate" }
  package var options: String {
    "beta1=\(beta1) beta2=\(beta2) epsilon=\(epsilon)" + (amsgrad ? " amsgrad" : "")
      + (takesSquares ? " squares" : "")
  }
  package var slotNames: [String] {
    ["momentum", "velocity"] + (amsgrad ? ["velocity_hat"] : [])
  }

  /// The learning rate with both bias corrections, rounded to float32 at each step as in Keras. Here
  /// rounding is part of the definition: 1 - β₂ᵗ for t = 1 has lost four of float32's seven digits.
  private func alpha(rate: Float, update: Float) -> Float {
    let power1 = power(Float(beta1), update)
    let power2 = power(Float(beta2), update)
    return rate * (1 - power2).squareRoot() / (1 - power1)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var results = [inputs[0]] + inputs[firstSlot..<inputs.count - 1]
    let settings = inputs[inputs.count - 1].values
    let alpha = Double(alpha(rate: Float(settings[0]), update: Float(settings[1])))
    for (i, g) in inputs[1].values.enumerated() {
      results[1].values[i] += (g - results[1].values[i]) * (1 - beta1)
      let square = takesSquares ? inputs[2].values[i] : g * g
      results[2].values[i] += (square - results[2].values[i]) * (1 - beta2)
      var v = results[2].values[i]
      if amsgrad {
        v = max(results[3].values[i], v)
        results[3].values[i] = v
      }
      results[0].values[i] -= results[1].values[i] * alpha / (v.squareRoot() + epsilon)
    }
    return results
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    updateByAdam(
      update.parameter, gradient: update.gradient, squares: update.squares,
      mean: update.slots[0], square: update.slots[1], largest: amsgrad ? update.slots[2] : nil,
      AdamConstants(
        alpha: alpha(rate: rate, update: count), oneMinusBeta1: Float(1 - beta1),
        oneMinusBeta2: Float(1 - beta2), epsilon: Float(epsilon)),
      threads: threads)
  }
}
