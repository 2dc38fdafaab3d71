/// numpy's legacy random numbers, `numpy.random.RandomState(seed)`, as far as shuffling needs them.
///
/// MT19937: M. Matsumoto, T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998) 3-30,
/// doi:10.1145/272991.272995, seeded as in the authors' revision of 2002. numpy promises that this
/// stream never changes (NEP 19).
package struct MersenneTwister {
  private var state: [UInt32]
  private var index: Int

  private static let size = 624
  private static let middle = 397

  package init(seed: UInt32) {
    state = [seed]
    for place in 1..<Self.size {
      let last = state[place - 1]
      state.append(1_812_433_253 &* (last ^ last >> 30) &+ UInt32(place))
    }
    index = Self.size
  }

  package mutating func next() -> UInt32 {
    if index == Self.size { twist() }
    var value = state[index]
    index += 1
    value ^= value >> 11
    value ^= value << 7 & 0x9D2C_5680
    value ^= value << 15 & 0xEFC6_0000
    return value ^ value >> 18
  }

  private mutating func twist() {
    for place in 0..<Self.size {
      let mixed =
        state[place] & 0x8000_0000 | state[(place + 1) % Self.size] & 0x7FFF_FFFF
      state[place] =
        state[(place + Self.middle) % Self.size] ^ mixed >> 1
        ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    index = 0
  }

  /// A number from 0 to `highest`, by drawing until one is low enough.
  private mutating func number(upTo highest: UInt32) -> UInt32 {
    guard highest > 0 else { return 0 }
    let mask = UInt32.max >> UInt32(highest.leadingZeroBitCount)
    while true {
      let candidate = next() & mask
      if candidate <= highest { return candidate }
    }
  }

  /// The numbers from 0 to `count - 1` as `RandomState.shuffle` orders them.
  ///
  /// - Precondition: `count` fits 32 bits.
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = [Int](0..<count)
    for place in order.indices.dropFirst().reversed() {
      order.swapAt(place, Int(number(upTo: UInt32(place))))
    }
    return order
  }
}
