import Tensors
import Testing

@Suite struct HalfPrecisionTests {
  @Test(
    arguments: [
      (0x3C00, 1.0), (0xC000, -2.0), (0x7BFF, 65504), (0x0001, 0x1p-24), (0x03FF, 0x3FFp-24),
      (0x8000, -0.0), (0x7C00, .infinity), (0xFC00, -.infinity), (0x3555, 0.333251953125),
    ] as [(UInt16, Float)])
  func `binary16 bits give their value`(bits: UInt16, value: Float) {
    #expect(Float(float16Bits: bits).bitPattern == value.bitPattern)
  }

  @Test func `binary16 NaN stays NaN`() {
    #expect(Float(float16Bits: 0x7E00).isNaN)
  }

  @Test(arguments: [(0x3F80, 1.0), (0xC040, -3.0), (0x7F80, .infinity)] as [(UInt16, Float)])
  func `bfloat16 bits give their value`(bits: UInt16, value: Float) {
    #expect(Float(bfloat16Bits: bits) == value)
  }
}
