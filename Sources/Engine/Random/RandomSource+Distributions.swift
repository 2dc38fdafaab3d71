/// Continuous distributions, for initial weights.

extension RandomSource {
  /// A number in [0, 1) with the 53 bits that a Double holds.
  private mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// `count` numbers between `low` and `high`, evenly spread. Each may be `low`, none is `high`.
  public mutating func uniform(_ count: Int, from low: Float = 0, to high: Float = 1) -> [Float] {
    let width = Double(high) - Double(low)
    return (0..<count).map { _ in
      let value = Float(Double(low) + unit() * width)
      // Rounding to float32 can reach the upper end.
      return value < high || low == high ? value : high.nextDown
    }
  }

  /// `count` numbers of the normal distribution.
  public mutating func normal(
    _ count: Int, mean: Float = 0, standardDeviation: Float = 1
  ) -> [Float] {
    (0..<count).map { _ in Float(Double(mean) + standardNormal() * Double(standardDeviation)) }
  }

  /// `count` numbers of the normal distribution with those further than two standard deviations
  /// from the mean drawn again, as Keras's `truncated_normal`. The spread of the result is 0.8796 of
  /// `standardDeviation`.
  public mutating func truncatedNormal(
    _ count: Int, mean: Float = 0, standardDeviation: Float = 1
  ) -> [Float] {
    (0..<count).map { _ in
      var z = standardNormal()
      while abs(z) > 2 { z = standardNormal() }
      return Float(Double(mean) + z * Double(standardDeviation))
    }
  }

  /// Marsaglia's polar method: a point in the unit disc gives a normal number (and another, which is
  /// dropped so that a source has no hidden state besides its position).
  private mutating func standardNormal() -> Double {
    while true {
      let u = 2 * unit() - 1
      let v = 2 * unit() - 1
      let s = u * u + v * v
      if s > 0, s < 1 { return u * (-2 * Self.logarithm(s) / s).squareRoot() }
    }
  }

  /// The natural logarithm, to about 1e-15.
  ///
  /// Written out because the C libraries' differ in the last bit. With x = m·2^e, √½ ≤ m < √2 and
  /// t = (m - 1) / (m + 1): log x = e log 2 + 2 (t + t³/3 + t⁵/5 + …), where |t| < 0.172.
  private static func logarithm(_ x: Double) -> Double {
    var significand = x.significand
    var exponent = Double(x.exponent)
    if significand > 2.0.squareRoot() {
      significand /= 2
      exponent += 1
    }
    let t = (significand - 1) / (significand + 1)
    var series = 0.0
    for power in stride(from: 21, through: 1, by: -2) {
      series = series * t * t + 1 / Double(power)
    }
    return exponent * 0.693147180559945309417 + 2 * t * series
  }
}
