/// What follows a product and can be done to its rows while they are near.
import Kernels
import Tensors

/// A bias that is added to every row, and a function of each element, in this order.
package struct Finish: Sendable {
  package let hasBias: Bool
  package let function: UnaryFunction?

  package static let none = Finish(hasBias: false, function: nil)

  package init(hasBias: Bool, function: UnaryFunction?) {
    self.hasBias = hasBias
    self.function = function
  }

  var isEmpty: Bool { !hasBias && function == nil }

  /// For the names of ops, such as `conv2d+bias+relu`.
  var suffix: String { (hasBias ? "+bias" : "") + (function.map { "+\($0.name)" } ?? "") }

  /// The operands without the bias, which is the last, of which `width` are to be.
  ///
  /// - Throws: `EngineError` where there is none, or of another width.
  func withoutBias(
    _ inputs: [TensorType], width: Int?, op: String
  ) throws(EngineError) -> [TensorType] {
    guard hasBias else { return inputs }
    guard let width, inputs.last == TensorType([width]) else {
      throw EngineError(
        .operandTypes(op: op, found: inputs, expected: "a bias [F] as the last operand"))
    }
    return Array(inputs.dropLast())
  }

  func reference(_ y: ReferenceTensor, _ inputs: [ReferenceTensor]) -> ReferenceTensor {
    var result = y
    if hasBias, let bias = inputs.last {
      for index in result.values.indices {
        result.values[index] += bias.values[index % bias.values.count]
      }
    }
    if let function { result.values = result.values.map(function.value) }
    return result
  }

  /// The same for a kernel, with the operands of a step.
  func rows(_ inputs: [Buffer]) -> RowFinish {
    RowFinish(
      bias: hasBias ? inputs.last : nil, function: function.map { ($0.loop, $0.parameters) })
  }
}

/// An op whose result is rows of a product, which it can finish.
package protocol FinishableOp: Op {
  var finish: Finish { get set }
}
