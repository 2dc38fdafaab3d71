/// A value in a program that is being built.
public import Tensors

/// The symbolic result of an op: it has a type, but no numbers until a session runs the program.
public struct Value {
  package let builder: ProgramBuilder
  package let id: Int
  public let type: TensorType

  public var shape: Shape { type.shape }
  public var rank: Int { type.shape.rank }
}
