/// Whether two trainings gave the same bits.
import Keratin

extension Model {
  /// A checksum of every bit of every weight (FNV-1a over 32-bit words).
  var checksum: UInt64 {
    get throws {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for weight in try weights {
        for value in weight.scalars.floats {
          hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01B3
        }
      }
      return hash
    }
  }
}
