/// Random words by counting: any word of any stream, without drawing those before it.

/// Philox-4x32: four random words as a pure function of a key and a counter.
///
/// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
/// doi:10.1145/2063384.2063405. With 7 rounds or more it passes TestU01's BigCrush (table 2 there). It uses
/// whole numbers only, and so gives the same bits on every machine and for every number of threads.
package struct Philox: Sendable {
  package let key: UInt64
  package let rounds: Int

  package init(key: UInt64, rounds: Int = 10) {
    self.key = key
    self.rounds = rounds
  }

  /// The four words that belong to `counter`.
  package func words(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<rounds {
      let first = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(second.high ^ c[1] ^ k0, second.low, first.high ^ c[3] ^ k1, first.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return c
  }
}
