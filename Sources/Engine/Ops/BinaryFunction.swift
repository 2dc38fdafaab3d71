#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A function of two numbers, with its gradient; the loop of the same name is in `binary.c`.
package enum BinaryFunction: String, Sendable, CaseIterable {
  case add, subtract, multiply, divide
  case maximum, minimum, power
  /// Comparisons give 1 where they hold and 0 elsewhere, and have no gradient.
  case equal, notEqual, greater, greaterOrEqual

  package func value(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .add: x + y
    case .subtract: x - y
    case .multiply: x * y
    case .divide: x / y
    case .maximum: x > y || x.isNaN ? x : y
    case .minimum: x < y || x.isNaN ? x : y
    case .power: pow(x, y)
    case .equal: x == y ? 1 : 0
    case .notEqual: x != y ? 1 : 0
    case .greater: x > y ? 1 : 0
    case .greaterOrEqual: x >= y ? 1 : 0
    }
  }

  /// The gradients of x and y where the result z has the gradient `g`, all of the result's shape or
  /// one that broadcasts to it. Only those asked for are built.
  func gradient(
    x: Value, y: Value, z: Value, g: Value, isNeeded: [Bool]
  ) throws(EngineError) -> [Value?] {
    switch self {
    case .add: return [g, g]
    case .subtract: return [g, isNeeded[1] ? try -g : nil]
    case .multiply: return [isNeeded[0] ? try g * y : nil, isNeeded[1] ? try g * x : nil]
    case .divide:
      let quotient = try g / y
      return [quotient, isNeeded[1] ? try -(quotient * z) : nil]
    case .maximum, .minimum:
      // Where both are equal it goes to x, as in TensorFlow.
      let isX = self == .maximum ? try x.greaterOrEqual(to: y) : try y.greaterOrEqual(to: x)
      let zero = try x.builder.constant(0)
      return [
        isNeeded[0] ? try isX.select(ifTrue: g, ifFalse: zero) : nil,
        isNeeded[1] ? try isX.select(ifTrue: zero, ifFalse: g) : nil,
      ]
    case .power:
      let dx = isNeeded[0] ? try g * y * x.power(y.adding(-1)) : nil
      guard isNeeded[1] else { return [dx, nil] }
      // d xʸ/dy = xʸ ln x; 0 instead where x is not positive, as in TensorFlow.
      let zero = try x.builder.constant(0)
      let one = try x.builder.constant(1)
      let isPositive = try x.greater(than: zero)
      let log = try isPositive.select(ifTrue: x, ifFalse: one).apply(.log)
      return [dx, try g * isPositive.select(ifTrue: z, ifFalse: zero) * log]
    case .equal, .notEqual, .greater, .greaterOrEqual: return [nil, nil]
    }
  }
}
