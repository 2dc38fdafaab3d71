/// The smooth activation functions and the family of relu, as `keras.activations` defines them.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension UnaryFunction {
  /// max(x, 0), or with options: x above the threshold and at most `maxValue`,
  /// negativeSlope · (x - threshold) below it. The derivative at the kinks is that of TensorFlow.
  public static func relu(
    negativeSlope: Float = 0, maxValue: Float? = nil, threshold: Float = 0
  ) -> UnaryFunction {
    if threshold == 0 {
      if negativeSlope == 0, maxValue == nil { return plainRelu }
      if negativeSlope == 0, maxValue == 6 { return relu6 }
      if maxValue == nil { return leakyRelu(slope: negativeSlope) }
    }
    let (a, t) = (Double(negativeSlope), Double(threshold))
    let top = Double(maxValue ?? .infinity)
    return .init(
      "generalRelu", [negativeSlope, maxValue ?? .infinity, threshold],
      value: { x in
        var kept = x > t || (t == 0 && x.isNaN) ? x : 0
        if top < .infinity { kept = clipped(kept, 0, top) }
        let below = t - x
        return a == 0 ? kept : kept - a * (below <= 0 ? 0 : below)
      },
      derivative: .ofInput { x in
        let isClipped = top < .infinity && (x < 0 || x > top)
        return (x > t && !isClipped ? 1 : 0) + (x < t ? a : 0)
      })
  }

  private static let plainRelu = UnaryFunction(
    "relu", value: { $0 <= 0 ? 0 : $0 }, derivative: .ofOutput { $0 > 0 ? 1 : 0 })

  /// min(max(x, 0), 6); the derivative is 0 at both ends.
  public static let relu6 = UnaryFunction(
    "relu6", value: { clipped($0, 0, 6) }, derivative: .ofOutput { $0 > 0 && $0 < 6 ? 1 : 0 })

  /// x above 0, slope · x below; the derivative at 0 is the slope.
  public static func leakyRelu(slope: Float = 0.2) -> UnaryFunction {
    let a = Double(slope)
    return .init(
      "leakyRelu", [slope], value: { $0 > 0 ? $0 : a * $0 },
      derivative: .ofInput { $0 > 0 ? 1 : a })
  }

  /// x above 0, α (eˣ - 1) below.
  public static func elu(alpha: Float = 1) -> UnaryFunction {
    let a = Double(alpha)
    return .init(
      "elu", [alpha], value: { $0 > 0 ? $0 : a * expm1($0) },
      derivative: .ofInput { $0 > 0 ? 1 : a * exponential($0) })
  }

  /// λx above 0, λα (eˣ - 1) below, with the constants of Klambauer et al. 2017.
  public static let selu = UnaryFunction(
    "selu", value: { seluScale * ($0 > 0 ? $0 : seluAlpha * expm1($0)) },
    derivative: .ofOutput { $0 < 0 ? $0 + seluScale * seluAlpha : seluScale })
  private static let seluScale = 1.0507009873554805
  private static let seluAlpha = 1.6732632423543772

  /// x above 0, α (e^(x/α) - 1) below. The derivative at 0 is 1, where TensorFlow adds both sides.
  public static func celu(alpha: Float = 1) -> UnaryFunction {
    let a = Double(alpha)
    return .init(
      "celu", [alpha], value: { $0 > 0 ? $0 : a * expm1($0 / a) },
      derivative: .ofInput { $0 > 0 ? 1 : exponential($0 / a) })
  }

  /// 1 / (1 + e⁻ˣ)
  public static let sigmoid = UnaryFunction(
    "sigmoid", value: logistic, derivative: .ofOutput { $0 * (1 - $0) })

  public static let tanh = UnaryFunction(
    "tanh", value: hyperbolicTangent, derivative: .ofOutput { 1 - $0 * $0 })

  /// ln(1 + eˣ)
  public static let softplus = UnaryFunction(
    "softplus", value: logOnePlusExp, derivative: .ofInput(logistic))

  /// ln σ(x)
  public static let logSigmoid = UnaryFunction(
    "logSigmoid", value: { -logOnePlusExp(-$0) }, derivative: .ofInput { logistic(-$0) })

  /// x / (1 + |x|)
  public static let softsign = UnaryFunction(
    "softsign", value: { $0 / (1 + $0.magnitude) },
    derivative: .ofInput { 1 / ((1 + $0.magnitude) * (1 + $0.magnitude)) })

  /// x σ(x)
  public static let silu = UnaryFunction(
    "silu", value: { $0 * logistic($0) },
    derivative: .ofInput { logistic($0) * (1 + $0 * (1 - logistic($0))) })

  /// x tanh(softplus(x))
  public static let mish = UnaryFunction(
    "mish", value: { $0 * hyperbolicTangent(logOnePlusExp($0)) },
    derivative: .ofInput { x in
      let t = hyperbolicTangent(logOnePlusExp(x))
      return t + x * logistic(x) * (1 - t * t)
    })

  /// x Φ(x), or its approximation ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).
  public static func gelu(approximate: Bool = false) -> UnaryFunction {
    approximate ? geluTanh : exactGelu
  }

  private static let exactGelu = UnaryFunction(
    "gelu", value: { $0 * normalCDF($0) },
    derivative: .ofInput { x in
      normalCDF(x) + x * exponential(-x * x / 2) / (2 * Double.pi).squareRoot()
    })

  private static let geluTanh = UnaryFunction(
    "geluTanh",
    value: { x in x * logistic(2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)) },
    derivative: .ofInput { x in
      let c = (2 / Double.pi).squareRoot()
      let s = logistic(2 * c * (x + 0.044715 * x * x * x))
      return s * (1 + 2 * x * c * (1 + 3 * 0.044715 * x * x) * (1 - s))
    })

  /// ½ (x + √(x² + b))
  public static func squareplus(b: Float = 4) -> UnaryFunction {
    let b64 = Double(b)
    return .init(
      "squareplus", [b],
      value: { x in
        let root = (x * x + b64).squareRoot()
        // For negative x the difference as a quotient.
        return x < 0 ? 0.5 * b64 / (root - x) : 0.5 * (x + root)
      },
      derivative: .ofInput { 0.5 + 0.5 * $0 / ($0 * $0 + b64).squareRoot() })
  }
}

@Sendable private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
@Sendable private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
@Sendable private func logOnePlusExp(_ x: Double) -> Double {
  (x < 0 ? 0 : x) + log1p(exp(-x.magnitude))
}
@Sendable private func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x / 2.squareRoot()) }
