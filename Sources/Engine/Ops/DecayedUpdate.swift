import Kernels
package import Tensors

/// A rule that first lets the parameter decay: `p ← p - p · decay · rate`, then the rule.
///
/// Source: `_apply_weight_decay` in keras/src/optimizers/base_optimizer.py of Keras 3.15.
package struct DecayedUpdate: UpdateRule {
  package let rule: any UpdateRule
  package let decay: Double

  package init(_ rule: any UpdateRule, decay: Double) {
    self.rule = rule
    self.decay = decay
  }

  package func takingSquares() -> DecayedUpdate {
    DecayedUpdate(rule.takingSquares(), decay: decay)
  }

  package var name: String { rule.name }
  package var options: String { rule.options + " decay=\(decay)" }
  package var slotNames: [String] { rule.slotNames }
  package var takesSquares: Bool { rule.takesSquares }
  package var measure: UnaryFunction { rule.measure }
  package var isElementwise: Bool { rule.isElementwise }

  package func slotShape(_ slot: Int, of parameter: Shape) -> Shape {
    rule.slotShape(slot, of: parameter)
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    var inputs = inputs
    let rate = inputs[inputs.count - 1].values[0]
    inputs[0].values = inputs[0].values.map { $0 - $0 * decay * rate }
    return rule.reference(inputs, run)
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { rule.scratchCount(inputs, outputs, threads: threads) }

  package func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int) {
    let elements = update.parameter.old.count
    guard isElementwise, elements > Self.part else {
      self.update(part: update, rate: rate, count: count, threads: threads)
      return
    }
    // In parts that stay in the first cache from the decay to the update.
    parallel(elements, threads: elements < 1 << 14 ? 1 : threads, multiple: Self.part) { range in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.part) {
        let part = start..<min(start + Self.part, range.upperBound)
        let operands = update.part(
          part, gradient: update.gradient.slice(start, part.count),
          squares: update.squares?.slice(start, part.count))
        self.update(part: operands, rate: rate, count: count, threads: 1)
      }
    }
  }

  private static let part = 4096

  private func update(part: UpdateOperands, rate: Float, count: Float, threads: Int) {
    decayParameter(part.parameter, by: Float(decay), rate: rate, threads: threads)
    let decayed = Updated(part.parameter.new, part.parameter.new)
    let operands = UpdateOperands(
      parameter: decayed, gradient: part.gradient, squares: part.squares, slots: part.slots,
      scratch: part.scratch)
    rule.update(operands, rate: rate, count: count, threads: threads)
  }
}
