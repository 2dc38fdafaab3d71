/// Seeded random numbers outside of programs: initial weights, shuffling.

/// A sequence of random numbers that depends on its seed and stream alone: the same bits on every
/// platform, since it is made of whole-number arithmetic and correctly rounded operations only.
public struct RandomSource: Sendable, RandomNumberGenerator {
  private let generator: Philox
  private let stream: UInt64
  private var block: UInt64 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4

  /// Starts the sequence that `seed` and `stream` name; any two streams of a seed are independent.
  public init(seed: UInt64, stream: UInt64 = 0) {
    // The key differs from that of dropout masks, which count in the same space.
    generator = Philox(key: seed ^ 0x5851_F42D_4C95_7F2D)
    self.stream = stream
  }

  /// 32 random bits.
  public mutating func nextWord() -> UInt32 {
    if used == 4 {
      words = generator.words(
        SIMD4(
          UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
          UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)))
      block &+= 1
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  /// 64 random bits.
  public mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return UInt64(nextWord()) << 32 | low
  }

  /// A whole number in `0..<bound`, each as likely as any other.
  ///
  /// - Precondition: `bound` is positive.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a random number below \(bound)")
    let bound = UInt64(bound)
    // Lemire, "Fast random integer generation in an interval", TOMACS 29 (2019): the high word of
    // the product, with those low words drawn again that would come once too often.
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let rest = (0 &- bound) % bound
      while product.low < rest { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// The numbers `0..<count` in a random order (Fisher and Yates), such as that of an epoch's samples.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
    return order
  }
}
