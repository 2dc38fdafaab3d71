/// Reverse-mode differentiation: gradients are ops like any others.
import Tensors

extension ProgramBuilder {
  /// The gradients of the scalar `loss` with respect to `targets`.
  ///
  /// Walks the ops that lead from a target to the loss backwards, once each, and adds up what flows
  /// into a value by several ways, in a fixed order. A target that the loss does not depend on gets
  /// zeros.
  ///
  /// - Precondition: `loss` has one element.
  public func gradients(of loss: Value, withRespectTo targets: [Value]) throws(EngineError)
    -> [Value]
  {
    precondition(loss.shape.count == 1, "the gradient of a value of shape \(loss.shape)")
    rewrite(Passes.beforeGradients, keeping: loss)
    let instructions = program.instructions
    let reached = valuesReached(from: targets, in: instructions)
    var gradient: [Int: Value] = [loss.id: try constant(1, loss.shape)]

    for instruction in instructions.reversed() {
      let isFlowing = instruction.outputs.map { gradient[$0] != nil }
      let isNeeded = instruction.inputs.map { reached.contains($0) }
      guard isFlowing.contains(true), isNeeded.contains(true) else { continue }

      var outputGradients: [Value] = []
      for output in instruction.outputs {
        outputGradients.append(try gradient[output].orZeros(program.types[output].shape, self))
      }
      let context = GradientContext(
        builder: self, inputs: instruction.inputs.map(value),
        outputs: instruction.outputs.map(value),
        outputGradients: outputGradients, isFlowing: isFlowing, isNeeded: isNeeded)
      let contributions = try instruction.op.gradient(context)
      precondition(
        contributions.count == instruction.inputs.count,
        "\(instruction.op.name) gives \(contributions.count) gradients for "
          + "\(instruction.inputs.count) inputs")

      for (index, contribution) in contributions.enumerated() {
        guard isNeeded[index], let contribution else { continue }
        let input = instruction.inputs[index]
        precondition(
          contribution.shape == program.types[input].shape,
          "\(instruction.op.name) gives a gradient of \(contribution.shape) "
            + "for an input of \(program.types[input].shape)")
        if let sum = gradient[input] {
          gradient[input] = try sum + contribution
        } else {
          gradient[input] = contribution
        }
      }
    }

    var results: [Value] = []
    for target in targets { results.append(try gradient[target.id].orZeros(target.shape, self)) }
    return results
  }

  /// Every value that depends on one of `targets`, these included.
  private func valuesReached(
    from targets: [Value], in instructions: [Program.Instruction]
  ) -> Set<Int> {
    var reached = Set(targets.map(\.id))
    for instruction in instructions where instruction.inputs.contains(where: reached.contains) {
      reached.formUnion(instruction.outputs)
    }
    return reached
  }
}

extension Value? {
  /// The value, or zeros where there is none.
  fileprivate func orZeros(_ shape: Shape, _ builder: ProgramBuilder) throws(EngineError) -> Value {
    if let self { return self }
    return try builder.constant(0, shape)
  }
}
