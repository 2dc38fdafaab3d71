package import Kernels

/// A function of one number, applied element by element: its value and derivative for the reference,
/// and by its name the loop that runs it. To add one, define it here or in an extension, and give
/// its loops in `unary.c`.
public struct UnaryFunction: Sendable {
  package let name: String
  /// Up to three numbers that the loop gets as `p.a`, `p.b`, `p.c`.
  package let parameters: [Float]
  package let value: @Sendable (Double) -> Double
  package let derivative: Derivative
  package let loop: UnaryLoop

  /// What the derivative is a function of. The output is the better choice: the input's memory is
  /// free then, and the function can run in place.
  package enum Derivative: Sendable {
    case constant(Float)
    case ofInput(@Sendable (Double) -> Double)
    case ofOutput(@Sendable (Double) -> Double)
  }

  /// - Precondition: the table of loops has one of this name.
  init(
    _ name: String, _ parameters: [Float] = [], value: @escaping @Sendable (Double) -> Double,
    derivative: Derivative
  ) {
    guard let loop = UnaryLoop(named: name) else {
      preconditionFailure("there is no loop for the function '\(name)'")
    }
    self.name = name
    self.parameters = parameters
    self.value = value
    self.derivative = derivative
    self.loop = loop
  }
}

extension UnaryFunction: Hashable {
  public static func == (a: UnaryFunction, b: UnaryFunction) -> Bool {
    a.name == b.name && a.parameters == b.parameters
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(parameters)
  }
}

extension UnaryFunction: CustomStringConvertible {
  /// The name with the parameters, if there are any: `leakyRelu[0.2]`.
  public var description: String { parameters.isEmpty ? name : "\(name)\(parameters)" }
}
