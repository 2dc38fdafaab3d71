import Kernels
import Testing

@Suite struct MemoryTests {
  @Test(arguments: [1, 100, (1 << 20) - 1, 1 << 20, 3_000_001])
  func `memory of any size is zero, and all of it can be written`(count: Int) {
    for _ in 0..<3 {
      let memory = Memory(count: count)
      let buffer = memory.buffer(0..<count)
      #expect(buffer.floatArray.allSatisfy { $0 == 0 })
      buffer.fill(1)
      #expect(buffer.floatArray.allSatisfy { $0 == 1 })
    }
  }
}
