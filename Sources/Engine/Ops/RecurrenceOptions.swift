package import Kernels
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What distinguishes one recurrent layer from another, for the op and its gradient.
package struct RecurrenceOptions: Sendable {
  package var cell: RecurrentCell
  package var activation = GateFunction.tanh
  package var recurrentActivation = GateFunction.sigmoid
  /// Which of the optional operands there are, in this order after the weights.
  package var hasBias = true
  package var hasInitialState = false
  package var hasMask = false
  /// From the last time to the first; outputs stand in the order in which they are made.
  package var goesBackwards = false
  /// Whether outputs stand in the reverse of that order.
  package var reversesOutputs = false
  /// Whether the output of a masked step is zero rather than that of the step before.
  package var zeroesMasked = false

  // What passes decide.

  /// Whether the outputs of all steps are a result.
  package var givesSequence = true
  /// Whether the results for the gradient are.
  package var savesSteps = true
  /// Whether tokens and a table of products take the place of the input and its kernel.
  package var takesTokens = false
  /// Whether the recurrent kernel is packed, and the kernel too unless it is a table.
  package var isPacked = false

  package init(_ cell: RecurrentCell) { self.cell = cell }

  /// Finds the operands by their meaning among an op's; those that are absent are nil.
  struct Operands<Operand> {
    let input: Operand
    let kernel: Operand
    let recurrentKernel: Operand
    let bias: Operand?
    /// As many as the cell has states, or none.
    let initialStates: [Operand]
    let mask: Operand?
    /// What follows them.
    let rest: ArraySlice<Operand>
  }

  /// - Precondition: there are as many operands as the options say, or more.
  func operands<Operand>(_ all: [Operand]) -> Operands<Operand> {
    var rest = all[...]
    return Operands(
      input: rest.removeFirst(), kernel: rest.removeFirst(), recurrentKernel: rest.removeFirst(),
      bias: hasBias ? rest.removeFirst() : nil,
      initialStates: hasInitialState ? (0..<cell.states).map { _ in rest.removeFirst() } : [],
      mask: hasMask ? rest.removeFirst() : nil, rest: rest)
  }

  /// The number of the op's operands.
  var operandCount: Int {
    3 + (hasBias ? 1 : 0) + (hasInitialState ? cell.states : 0) + (hasMask ? 1 : 0)
  }

  /// Finds the results by their meaning.
  struct Results<Result> {
    let sequence: Result?
    let states: [Result]
    /// The gates, the states before each step, and an inner product where the cell has one.
    let saved: ArraySlice<Result>
  }

  func results<Result>(_ all: [Result]) -> Results<Result> {
    let first = givesSequence ? 1 : 0
    return Results(
      sequence: givesSequence ? all[0] : nil, states: Array(all[first..<first + cell.states]),
      saved: all[(first + cell.states)...])
  }

  func biasShape(units: Int) -> Shape {
    cell == .gru(resetsAfter: true) ? [2, cell.gates * units] : [cell.gates * units]
  }

  /// - Parameter steps: N and T.
  func extent(samples: Int, steps: Int, features: Int, units: Int) -> RecurrenceExtent {
    RecurrenceExtent(
      cell: cell, samples: samples, steps: steps, features: features, units: units,
      activation: activation, recurrentActivation: recurrentActivation,
      goesBackwards: goesBackwards, reversesOutputs: reversesOutputs, zeroesMasked: zeroesMasked)
  }

  /// The time that a step reads.
  func time(_ step: Int, of steps: Int) -> Int { goesBackwards ? steps - 1 - step : step }

  /// Where the output of a step stands.
  func place(_ step: Int, of steps: Int) -> Int { reversesOutputs ? steps - 1 - step : step }

  var description: String {
    var words = ["activation=\(activation)"]
    if cell != .simple { words.append("recurrentActivation=\(recurrentActivation)") }
    if cell == .gru(resetsAfter: false) { words.append("resetsBefore") }
    for (isSaid, word) in [
      (!hasBias, "noBias"), (hasInitialState, "initialState"), (hasMask, "mask"),
      (goesBackwards, "backwards"), (reversesOutputs, "reversed"), (zeroesMasked, "zeroesMasked"),
      (!givesSequence, "lastOnly"), (!savesSteps, "inference"), (takesTokens, "tokens"),
      (isPacked, "packed"),
    ] where isSaid { words.append(word) }
    return words.joined(separator: " ")
  }
}

extension RecurrentCell {
  /// The name of the op in a printed program.
  var name: String {
    switch self {
    case .lstm: "lstm"
    case .gru: "gru"
    case .simple: "simpleRNN"
    }
  }
}

extension GateFunction {
  /// The function by its definition.
  func value(_ x: Double) -> Double {
    switch self {
    case .linear: x
    case .relu: max(x, 0)
    case .sigmoid: 1 / (1 + exp(-x))
    case .tanh: 1 - 2 / (exp(2 * x) + 1)
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .hardSigmoidKeras2: min(max(0.2 * x + 0.5, 0), 1)
    case .softsign: x / (1 + abs(x))
    case .exponential: exp(x)
    case .elu: x > 0 ? x : exp(x) - 1
    }
  }

  /// The derivative where the function's value is `y`.
  func slope(value y: Double) -> Double {
    switch self {
    case .linear: 1
    case .relu: y > 0 ? 1 : 0
    case .sigmoid: y * (1 - y)
    case .tanh: 1 - y * y
    case .hardSigmoid: y > 0 && y < 1 ? 1.0 / 6 : 0
    case .hardSigmoidKeras2: y > 0 && y < 1 ? 0.2 : 0
    case .softsign: (1 - abs(y)) * (1 - abs(y))
    case .exponential: y
    case .elu: y > 0 ? 1 : y + 1
    }
  }
}
