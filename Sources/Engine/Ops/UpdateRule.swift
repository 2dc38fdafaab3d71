package import Kernels
package import Tensors

/// An optimizer's rule: the op that makes a parameter and the optimizer's slots anew.
///
/// Operands are the parameter, its gradient, where the rule takes them the gradient's squares, the
/// slots, and the settings of the update; results are the new parameter and the new slots. Each result
/// can take the place of its operand, so a training step changes its variables where they are. The settings come in for each run, so one plan serves
/// every learning rate. Nothing is differentiated through an update.
package protocol UpdateRule: Op {
  /// Keras's names of the slots that the rule keeps per parameter, in the order of the operands.
  var slotNames: [String] { get }

  /// The shape of a slot, by its place, of a parameter of shape `parameter`: the same, for most.
  func slotShape(_ slot: Int, of parameter: Shape) -> Shape

  /// Whether each element is updated by its own gradient and slots alone, so that an update may be cut
  /// into parts.
  var isElementwise: Bool { get }

  /// Whether the squares of the gradient are an operand of their own, after the gradient.
  var takesSquares: Bool { get }

  /// What a rule takes for squares: the square, or another measure of a gradient's size.
  var measure: UnaryFunction { get }

  /// The same rule with the squares as an operand; itself where it has no use for squares.
  func takingSquares() -> Self

  /// Computes an update, of the whole of a parameter or of some elements.
  func update(_ update: UpdateOperands, rate: Float, count: Float, threads: Int)
}

/// What one update, of a parameter or of a part of it, reads and writes.
package struct UpdateOperands {
  package let parameter: Updated
  package let gradient: Buffer
  /// What stands for the gradient's squares, for a rule that takes them.
  package let squares: Buffer?
  package let slots: [Updated]
  /// Working memory, for a rule that asked for it.
  package var scratch: Buffer?

  /// The elements `range` of a parameter, with a gradient that was made for them.
  func part(_ range: Range<Int>, gradient: Buffer, squares: Buffer?) -> UpdateOperands {
    UpdateOperands(
      parameter: parameter.slice(range), gradient: gradient, squares: squares,
      slots: slots.map { $0.slice(range) })
  }
}

/// `base` to the power of a count, rounded once.
func power(_ base: Float, _ count: Float) -> Float {
  var result = 1.0
  var square = Double(base)
  var rest = Int(exactly: count.rounded()) ?? 0
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return Float(result)
}

/// The settings that change from update to update, an input of shape [2].
package enum UpdateSettings {
  package static let type = TensorType([2])

  /// The learning rate, and the number of this update, counted from 1.
  package static func tensor(learningRate: Float, update: Int) -> Tensor {
    Tensor([2], [learningRate, Float(update)])
  }
}

extension UpdateRule {
  package func slotShape(_ slot: Int, of parameter: Shape) -> Shape { parameter }
  package var isElementwise: Bool { true }
  package var takesSquares: Bool { false }
  package var measure: UnaryFunction { .square }
  package func takingSquares() -> Self { self }

  /// The place of the first slot among the operands.
  var firstSlot: Int { takesSquares ? 3 : 2 }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    let slots = inputs.first.map { first in
      slotNames.indices.map { TensorType(slotShape($0, of: first.shape)) }
    }
    guard let slots, inputs.count == firstSlot + slots.count + 1,
      inputs.last == UpdateSettings.type, inputs[0].dtype == .float32,
      inputs[..<firstSlot].allSatisfy({ $0 == inputs[0] }),
      Array(inputs[firstSlot...].dropLast()) == slots
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "a parameter, its gradient\(takesSquares ? ", its squares" : "") and "
            + "\(slotNames.count) slots of their shapes, and settings of shape (2,)"))
    }
    return [inputs[0]] + slots
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    Array(repeating: nil, count: context.inputs.count)
  }

  package var inPlace: [InPlacePair] {
    [.init(output: 0, input: 0)]
      + slotNames.indices.map { .init(output: $0 + 1, input: $0 + firstSlot) }
  }

  /// The new parameter and the new slots.
  ///
  /// - Parameter squares: what stands for the gradient's squares; nil for these themselves.
  package func updated(
    _ parameter: Value, gradient: Value, squares: Value? = nil, slots: [Value], settings: Value
  ) throws(EngineError) -> (parameter: Value, slots: [Value]) {
    let rule = squares == nil ? self : takingSquares()
    var operands = [parameter, gradient]
    if let squares, rule.takesSquares { operands.append(squares) }
    let results = try parameter.builder.apply(rule, operands + slots + [settings])
    return (results[0], Array(results.dropFirst()))
  }
}

extension UpdateRule {
  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let operands = UpdateOperands(
      parameter: step.updatedParameter, gradient: step.inputs[1],
      squares: takesSquares ? step.inputs[2] : nil, slots: step.updatedSlots,
      scratch: step.scratch)
    let settings = step.settings
    update(operands, rate: settings.rate, count: settings.count, threads: run.threads)
  }
}

extension ExecutionStep {
  /// The parameter of an update: the first operand and the first result.
  var updatedParameter: Updated { Updated(inputs[0], outputs[0]) }

  /// The slots of an update: the last operands but one, the settings, and all results but the first.
  var updatedSlots: [Updated] {
    zip(inputs.dropLast().suffix(outputs.count - 1), outputs.dropFirst()).map(Updated.init)
  }

  /// The learning rate and the number of an update.
  var settings: (rate: Float, count: Float) {
    let values = inputs[inputs.count - 1].floatArray
    return (values[0], values[1])
  }
}
