import Kernels
import Tensors

/// Stochastic gradient descent, with or without momentum.
///
///     plain:     p ← p - rate · g
///     momentum:  m ← momentum · m - rate · g;  p ← p + m
///     nesterov:  m ← momentum · m - rate · g;  p ← p + momentum · m - rate · g
///
/// Source: keras/src/optimizers/sgd.py of Keras 3.15.
package struct SGDUpdate: UpdateRule {
  package let momentum: Double
  package let nesterov: Bool

  package init(momentum: Double = 0, nesterov: Bool = false) {
    self.momentum = momentum
    self.nesterov = nesterov
  }

  package var name: String { "sgdUpdate" }
  package var options: String {
    momentum == 0 ? "" : "momentum=\(momentum)" + (nesterov ? " nesterov" : "")
  }
  package var slotNames: [String] { momentum == 0 ? [] : ["momentum"] }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var p = inputs[0]
    let g = inputs[1].values
    let rate = inputs[inputs.count - 1].values[0]
    guard momentum != 0 else {
      for i in g.indices { p.values[i] -= rate * g[i] }
      return [p]
    }
    var m = inputs[2]
    for i in g.indices {
      m.values[i] = momentum * m.values[i] - rate * g[i]
      p.values[i] += nesterov ? momentum * m.values[i] - rate * g[i] : m.values[i]
    }
    return [p, m]
  }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    if momentum == 0 {
      updateBySGD(update.parameter, gradient: update.gradient, rate: rate, threads: threads)
    } else {
      updateBySGD(
        update.parameter, gradient: update.gradient, momentum: update.slots[0], rate: rate,
        momentum: Float(momentum), nesterov: nesterov, threads: threads)
    }
  }
}
