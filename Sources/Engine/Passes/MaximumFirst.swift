import Tensors

/// Takes a maximum before what cannot change which element is the largest.
///
/// Pattern: `max(f(x))` or `maxPool(f(x))`, where f adds the same number to all elements that the
/// maximum compares, or is one of relu and relu6; and f's result is read by nothing else. Rewrite:
/// `f(max(x))`.
///
/// The value is exact, also in floating point: rounding never reverses an order, so the largest element
/// stays the largest through an addition and through a cut, and NaN goes through both. The gradient is
/// too: elements that a cut makes equal get none either way. Only where an addition rounds unequal
/// elements to one sum does the larger get all of what they would have shared, or what the first of
/// them would have got. Always pays: f is computed once instead of for every element.
package struct MaximumFirst: Pass {
  package init() {}

  package func rewrite(_ program: Program) -> Program {
    var program = program
    while let (reduction, operation) = match(program) {
      exchange(reduction, operation, in: &program)
    }
    return program
  }

  /// The places of a maximum and of the instruction before it that can come after it.
  private func match(_ program: Program) -> (reduction: Int, operation: Int)? {
    let (producers, uses) = (program.producers, program.useCounts)
    for (index, instruction) in program.instructions.enumerated() {
      guard let kept = axesBehindMaximum(instruction, program),
        uses[instruction.inputs[0]] == 1, let before = producers[instruction.inputs[0]]
      else { continue }
      let operation = program.instructions[before]
      if let unary = operation.op as? Unary, unary.function.isClipping { return (index, before) }
      if let binary = operation.op as? Binary, binary.function == .add,
        addsTheSame(operation, alongAxes: kept, program)
      {
        return (index, before)
      }
    }
    return nil
  }

  /// The number of last axes along which a maximum compares nothing; nil where it is none.
  private func axesBehindMaximum(
    _ instruction: Program.Instruction, _ program: Program
  ) -> Int? {
    switch instruction.op {
    case let reduce as Reduce where reduce.function == .max:
      program.types[instruction.inputs[0]].shape.rank - reduce.axes.upperBound
    case let pool as Pool where pool.function == .max: 1
    default: nil
    }
  }

  /// Whether the second operand of an addition has no axes but the last `count`.
  private func addsTheSame(
    _ addition: Program.Instruction, alongAxes count: Int, _ program: Program
  ) -> Bool {
    let (first, second) = (
      program.types[addition.inputs[0]].shape, program.types[addition.inputs[1]].shape
    )
    return first == program.types[addition.outputs[0]].shape && second.rank <= count
  }

  private func exchange(_ reduction: Int, _ operation: Int, in program: inout Program) {
    var maximum = program.instructions[reduction]
    var after = program.instructions[operation]
    let result = maximum.outputs[0]
    let inner = program.addValue(program.types[result])
    maximum.inputs = [after.inputs[0]]
    maximum.outputs = [inner]
    after.inputs[0] = inner
    after.outputs = [result]
    program.instructions.replaceSubrange(reduction...reduction, with: [maximum, after])
  }
}

extension UnaryFunction {
  /// Whether the function cuts at bounds, never falls, and has no derivative where it cuts. At its
  /// bounds themselves `clip` has one, which elements beyond them would take a share of.
  fileprivate var isClipping: Bool { ["relu", "relu6"].contains(name) }
}
