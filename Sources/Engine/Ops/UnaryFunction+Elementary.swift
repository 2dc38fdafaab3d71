/// Arithmetic and elementary functions of one number.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension UnaryFunction {
  /// scale · x + offset
  public static func affine(scale: Float = 1, offset: Float = 0) -> UnaryFunction {
    .init(
      "affine", [scale, offset], value: { Double(scale) * $0 + Double(offset) },
      derivative: .constant(scale))
  }

  /// -x
  public static let negate = affine(scale: -1)

  /// |x|; the derivative at 0 is 0.
  public static let abs = UnaryFunction(
    "abs", value: { $0.magnitude }, derivative: .ofInput(signum))

  /// -1, 0 or 1; the derivative is 0.
  public static let sign = UnaryFunction("sign", value: signum, derivative: .constant(0))

  /// x²
  public static let square = UnaryFunction(
    "square", value: { $0 * $0 }, derivative: .ofInput { 2 * $0 })

  /// √x
  public static let sqrt = UnaryFunction(
    "sqrt", value: { $0.squareRoot() }, derivative: .ofOutput { 0.5 / $0 })

  /// 1 / √x
  public static let rsqrt = UnaryFunction(
    "rsqrt", value: { 1 / $0.squareRoot() }, derivative: .ofOutput { -0.5 * $0 * $0 * $0 })

  /// 1 / x
  public static let reciprocal = UnaryFunction(
    "reciprocal", value: { 1 / $0 }, derivative: .ofOutput { -$0 * $0 })

  /// xᵖ
  public static func power(_ exponent: Float) -> UnaryFunction {
    let p = Double(exponent)
    return .init(
      "power", [exponent], value: { pow($0, p) }, derivative: .ofInput { p * pow($0, p - 1) })
  }

  /// eˣ
  public static let exp = UnaryFunction(
    "exp", value: exponential, derivative: .ofOutput { $0 })

  /// The natural logarithm: -∞ at 0, NaN below.
  public static let log = UnaryFunction(
    "log", value: logarithm, derivative: .ofInput { 1 / $0 })

  /// x kept within lo … hi; the derivative is 1 there, bounds included, and 0 outside.
  public static func clip(_ lo: Float, _ hi: Float) -> UnaryFunction {
    let (lower, upper) = (Double(lo), Double(hi))
    return .init(
      "clip", [lo, hi], value: { clipped($0, lower, upper) },
      derivative: .ofInput { $0 >= lower && $0 <= upper ? 1 : 0 })
  }
}

// The C library's functions under names that the static members above do not shadow.
@Sendable func exponential(_ x: Double) -> Double { exp(x) }
@Sendable func logarithm(_ x: Double) -> Double { log(x) }

/// The sign of x as a number; ±0 and NaN as they are.
@Sendable func signum(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x }

/// x kept within lo … hi; a NaN stays one.
@Sendable func clipped(_ x: Double, _ lo: Double, _ hi: Double) -> Double {
  x < lo ? lo : x > hi ? hi : x
}
