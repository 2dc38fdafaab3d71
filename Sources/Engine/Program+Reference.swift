/// The meaning of a program, slow and plain.
import Tensors

extension Program {
  /// Evaluates every op by its reference in float64, one after the other.
  ///
  /// - Parameters:
  ///   - inputs: one tensor per input, in their order.
  ///   - states: the variables by name.
  /// - Returns: the outputs by name, and under a state's name its updated contents.
  /// - Precondition: `inputs` and `states` are complete and have the declared shapes.
  package func evaluateReference(
    inputs: [ReferenceTensor], states: [String: ReferenceTensor], run: RunContext = .init()
  ) -> [String: ReferenceTensor] {
    var values = [ReferenceTensor?](repeating: nil, count: types.count)
    for (port, tensor) in zip(self.inputs, inputs) { values[port.value] = tensor }
    for port in self.states { values[port.value] = states[port.name] }
    for instruction in instructions {
      let results = instruction.op.reference(instruction.inputs.compactMap { values[$0] }, run)
      for (id, result) in zip(instruction.outputs, results) {
        precondition(
          result.shape == types[id].shape, "\(instruction.op.name) gives \(result.shape)")
        values[id] = result
      }
    }
    var results: [String: ReferenceTensor] = [:]
    for port in outputs { results[port.name] = values[port.value] }
    for update in updates {
      guard let port = self.states.first(where: { $0.value == update.state }) else { continue }
      results[port.name] = values[update.value]
    }
    return results
  }
}
