package import Kernels
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What distinguishes one long short-term memory from another, for the op and its gradient.
package struct LSTMOptions: Sendable {
  package var activation = GateFunction.tanh
  package var recurrentActivation = GateFunction.sigmoid
  /// Which of the optional operands there are, in this order after the weights.
  package var hasBias = true
  package var hasInitialState = false
  package var hasMask = false
  /// From the last time to the first; results stand in the order in which they are made.
  package var goesBackwards = false
  /// Whether the output of a masked step is zero rather than that of the step before.
  package var zeroesMasked = false

  package init() {}

  /// Finds the operands by their meaning among an op's; those that are absent are nil.
  struct Operands<Operand> {
    let input: Operand
    let kernel: Operand
    let recurrentKernel: Operand
    let bias: Operand?
    let initialState: (h: Operand, c: Operand)?
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
      initialState: hasInitialState ? (rest.removeFirst(), rest.removeFirst()) : nil,
      mask: hasMask ? rest.removeFirst() : nil, rest: rest)
  }

  /// The number of an LSTM's operands.
  var operandCount: Int { 3 + (hasBias ? 1 : 0) + (hasInitialState ? 2 : 0) + (hasMask ? 1 : 0) }

  /// - Precondition: `input` is [N, T, D] and `recurrentKernel` is [U, 4U].
  func extent(input: Shape, recurrentKernel: Shape) -> LSTMExtent {
    LSTMExtent(
      samples: input[0], steps: input[1], features: input[2], units: recurrentKernel[0],
      activation: activation, recurrentActivation: recurrentActivation,
      goesBackwards: goesBackwards, zeroesMasked: zeroesMasked)
  }

  var description: String {
    var words = ["activation=\(activation)", "recurrentActivation=\(recurrentActivation)"]
    if !hasBias { words.append("noBias") }
    if hasInitialState { words.append("initialState") }
    if hasMask { words.append("mask") }
    if goesBackwards { words.append("backwards") }
    if zeroesMasked { words.append("zeroesMasked") }
    return words.joined(separator: " ")
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
