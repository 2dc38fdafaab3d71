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

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let (rate, _) = step.settings
    if momentum == 0 {
      updateBySGD(step.parameter, gradient: step.inputs[1], rate: rate, threads: run.threads)
    } else {
      updateBySGD(
        step.parameter, gradient: step.inputs[1], momentum: step.slot(0), rate: rate,
        momentum: Float(momentum), nesterov: nesterov, threads: run.threads)
    }
  }
}
