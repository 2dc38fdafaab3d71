/// The activation functions made of straight pieces, and the shrinking ones, as
/// `keras.activations` defines them. Comparisons drop a NaN where TensorFlow's do.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension UnaryFunction {
  /// relu6(x + 3) / 6, as in Keras 3.
  public static let hardSigmoid = UnaryFunction(
    "hardSigmoid", value: { clipped($0 + 3, 0, 6) / 6 },
    derivative: .ofInput { $0 > -3 && $0 < 3 ? 1 / 6 : 0 })

  /// 0.2 x + 0.5 kept within 0 … 1, as in Keras 1 and 2.
  public static let hardSigmoidKeras2 = UnaryFunction(
    "hardSigmoidKeras2", value: { clipped(0.2 * $0 + 0.5, 0, 1) },
    derivative: .ofInput { $0 >= -2.5 && $0 <= 2.5 ? 0.2 : 0 })

  /// x relu6(x + 3) / 6
  public static let hardSilu = UnaryFunction(
    "hardSilu", value: { $0 * (clipped($0 + 3, 0, 6) / 6) },
    derivative: .ofInput { $0 <= -3 ? 0 : $0 >= 3 ? 1 : $0 / 3 + 0.5 })

  /// x kept within -1 … 1.
  public static let hardTanh = clip(-1, 1)

  /// x where |x| > threshold, else 0.
  public static func hardShrink(threshold: Float = 0.5) -> UnaryFunction {
    let t = Double(threshold)
    return .init(
      "hardShrink", [threshold], value: { $0 > t || $0 < -t ? $0 : 0 },
      derivative: .ofInput { $0 > t || $0 < -t ? 1 : 0 })
  }

  /// x moved towards 0 by the threshold, 0 within it.
  public static func softShrink(threshold: Float = 0.5) -> UnaryFunction {
    let t = Double(threshold)
    return .init(
      "softShrink", [threshold], value: { $0 > t ? $0 - t : $0 < -t ? $0 + t : 0 },
      derivative: .ofInput { $0 > t || $0 < -t ? 1 : 0 })
  }

  /// x - tanh x
  public static let tanhShrink = UnaryFunction(
    "tanhShrink", value: { $0 - hyperbolicTangent($0) },
    derivative: .ofInput { hyperbolicTangent($0) * hyperbolicTangent($0) })

  /// x above the threshold, `value` up to it.
  public static func threshold(_ threshold: Float, value: Float) -> UnaryFunction {
    let (t, v) = (Double(threshold), Double(value))
    return .init(
      "threshold", [threshold, value], value: { $0 > t ? $0 : v },
      derivative: .ofInput { $0 > t ? 1 : 0 })
  }

  /// 0 up to -1, ¼ (x + 1)² up to 1, then x.
  public static let sparsePlus = UnaryFunction(
    "sparsePlus", value: { $0 <= -1 ? 0 : $0 < 1 ? 0.25 * ($0 + 1) * ($0 + 1) : $0 },
    derivative: .ofInput { $0 <= -1 ? 0 : $0 < 1 ? 0.5 * ($0 + 1) : 1 })

  /// ½ (x + 1) kept within 0 … 1.
  public static let sparseSigmoid = UnaryFunction(
    "sparseSigmoid", value: { $0 <= -1 ? 0 : $0 >= 1 ? 1 : 0.5 * ($0 + 1) },
    derivative: .ofInput { $0 > -1 && $0 < 1 ? 0.5 : 0 })
}

@Sendable private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
