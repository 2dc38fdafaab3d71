/// What is to be computed, before any decision on how.
import Tensors

/// A list of ops in an order in which they can run, on values with static types.
public struct Program: Sendable {
  /// One application of an op.
  package struct Instruction: Sendable {
    package var op: any Op
    package var inputs: [Int]
    package var outputs: [Int]
  }

  /// A value with a name that the outside knows.
  package struct Port: Sendable {
    package let name: String
    package let value: Int
  }

  /// The new contents that a state gets when the run is over.
  package struct Update: Sendable {
    package let state: Int
    package var value: Int
  }

  /// The type of each value, by its number.
  package internal(set) var types: [TensorType] = []
  /// Values given for each run, in the order in which they are passed.
  package internal(set) var inputs: [Port] = []
  /// Values that persist between runs, by the name of their variable.
  package internal(set) var states: [Port] = []
  package internal(set) var instructions: [Instruction] = []
  /// Values that can be read after a run.
  package internal(set) var outputs: [Port] = []
  package internal(set) var updates: [Update] = []

  package init() {}
}

extension Program: CustomStringConvertible {
  /// One line per value and op: `%5 = conv1d(%3, %4) stride=2 : f32[32,198,256]`.
  public var description: String {
    var lines: [String] = []
    for port in inputs {
      lines.append("%\(port.value) = input \(port.name) : \(types[port.value])")
    }
    for port in states {
      lines.append("%\(port.value) = state \(port.name) : \(types[port.value])")
    }
    for instruction in instructions {
      let results = instruction.outputs.map { "%\($0)" }.joined(separator: ", ")
      let operands = instruction.inputs.map { "%\($0)" }.joined(separator: ", ")
      let options = instruction.op.options.isEmpty ? "" : " " + instruction.op.options
      let types = instruction.outputs.map { "\(self.types[$0])" }.joined(separator: ", ")
      lines.append("\(results) = \(instruction.op.name)(\(operands))\(options) : \(types)")
    }
    for update in updates { lines.append("%\(update.state) <- %\(update.value)") }
    for port in outputs { lines.append("output \(port.name) = %\(port.value)") }
    return lines.joined(separator: "\n")
  }
}
