/// The order in which samples are taken.

/// Permutations that depend on a seed and on the updates made before the epoch, so training that is
/// resumed from a checkpoint goes on in the order that it would have had.
package enum SampleOrder {
  /// 0 ..< count, shuffled for the epoch that begins after so many updates (Fisher and Yates).
  package static func shuffled(_ count: Int, seed: UInt64, iterations: Int) -> [Int] {
    var generator = SplitMix64(state: seed)
    // The epochs of one seed, and neighbouring seeds, start far apart.
    generator.state = generator.next() ^ SplitMix64.mixed(UInt64(truncatingIfNeeded: iterations))
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.next(below: last + 1))
    }
    return order
  }
}

/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// A number below `bound`; a bias of at most bound / 2⁶⁴ is left in.
  mutating func next(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  static func mixed(_ number: UInt64) -> UInt64 {
    var z = number
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
