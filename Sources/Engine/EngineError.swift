/// What can be wrong with a program's operands or with what a session is given.
public import Tensors

public struct EngineError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// An op's operands do not fit together; `expected` says what would.
    case operandTypes(op: String, found: [TensorType], expected: String)
    /// An op's options make no sense for its operands.
    case options(op: String, reason: String)
    /// An input's elements do not have the shape or type that the plan was made for.
    case input(name: String, expected: TensorType, found: String)
    /// An index is outside the table that it looks up.
    case indexOutOfRange(op: String, index: Int, position: Int, bound: Int)
    /// A variable that the program needs is not there, or has another shape.
    case variable(name: String, expected: Shape, found: Shape?)
  }

  public let kind: Kind

  public init(_ kind: Kind) { self.kind = kind }
}
