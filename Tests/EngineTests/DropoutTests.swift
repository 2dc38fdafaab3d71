import Engine
import Tensors
import Testing

@Suite struct DropoutTests {
  /// Runs dropout on ones.
  private func mask(
    _ shape: Shape, rate: Float, stream: UInt64 = 1, sharedAxes: [Int] = [], seed: UInt64 = 9,
    step: UInt64 = 0, threads: Int = 1
  ) throws -> [Float] {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType(shape))
    builder.output("y", try x.dropout(rate: rate, stream: stream, sharedAxes: sharedAxes))
    let session = try Session(Plan(builder.program, threads: threads), variables: Variables())
    try session.setInput(0, Tensor(shape, [Float](repeating: 1, count: shape.count)))
    try session.run(seed: seed, step: step)
    return session.output("y").scalars.floats
  }

  @Test(
    arguments: [
      ([70, 3], []), ([1000], []), ([3, 5, 7], [1]), ([3, 5, 7], [0, 2]), ([4, 6], [1]),
      ([2, 3], [0, 1]), ([0, 3], []), ([3, 0], [0]), ([], []),
    ] as [([Int], [Int])], [1, 2])
  func `execution agrees with the reference`(
    _ operands: (shape: [Int], shared: [Int]), threads: Int
  ) throws {
    let shape = Shape(operands.shape)
    let expected = Dropout(rate: 0.3, stream: 5, sharedAxes: operands.shared).reference(
      [ReferenceTensor(shape, repeating: 1)], RunContext(seed: 77, step: 1 << 33 + 4))[0]
    let found = try mask(
      shape, rate: 0.3, stream: 5, sharedAxes: operands.shared, seed: 77, step: 1 << 33 + 4,
      threads: threads)
    #expect(found == expected.values.map { Float($0) })
  }

  @Test(arguments: [Float(0.1), 0.5, 0.9]) func `the rate and the mean are kept`(rate: Float) throws
  {
    let count = 1 << 18
    let values = try mask([count], rate: rate)
    let dropped = Double(values.count { $0 == 0 })
    let spread = (Double(count) * Double(rate) * Double(1 - rate)).squareRoot()
    #expect(abs(dropped - Double(count) * Double(rate)) < 5 * spread)
    #expect(values.allSatisfy { $0 == 0 || $0 == 1 / (1 - rate) })
  }

  @Test func `masks of other steps, streams, seeds and places are independent`() throws {
    let count = 1 << 16
    let base = try mask([count], rate: 0.5)
    let others = [
      try mask([count], rate: 0.5, step: 1), try mask([count], rate: 0.5, stream: 2),
      try mask([count], rate: 0.5, stream: 1 << 32 + 1), try mask([count], rate: 0.5, seed: 10),
      try mask([count], rate: 0.5, seed: 9 + 1 << 40),
      // The same mask, one and one group later.
      Array(base.dropFirst()) + base.prefix(1), Array(base.dropFirst(64)) + base.prefix(64),
    ]
    for other in others {
      let agreeing = zip(base, other).count { $0 == $1 }
      // Five standard deviations of a fair coin.
      #expect(abs(Double(agreeing) - Double(count) / 2) < 5 * Double(count).squareRoot() / 2)
    }
  }

  @Test func `the mask is the same for every number of threads and in every run`() throws {
    let one = try mask([33, 77], rate: 0.4)
    #expect(try one == mask([33, 77], rate: 0.4, threads: 2))
    #expect(try one == mask([33, 77], rate: 0.4, threads: 5))
  }

  @Test func `shared axes are dropped together`() throws {
    let values = try mask([8, 10, 4], rate: 0.5, sharedAxes: [1])
    for sample in 0..<8 {
      for channel in 0..<4 {
        let column = (0..<10).map { values[(sample * 10 + $0) * 4 + channel] }
        #expect(Set(column).count == 1)
      }
    }
    #expect(Set(values).count == 2)
  }

  @Test func `rate 0 keeps and rate 1 drops everything`() throws {
    #expect(try mask([100], rate: 0).allSatisfy { $0 == 1 })
    #expect(try mask([100], rate: 1).allSatisfy { $0 == 0 })
  }

  @Test func `the gradient has the mask of the forward pass`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([1]))
    let y = try x.dropout(rate: 0.5, stream: 3)
    builder.output("y", y)
    builder.output("dx", try builder.gradients(of: y, withRespectTo: [x])[0])
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    try session.setInput(0, Tensor([1], [1 as Float]))
    var seen: Set<Float> = []
    for step in 0..<40 {
      try session.run(seed: 1, step: UInt64(step))
      #expect(session.output("y") == session.output("dx"))
      seen.formUnion(session.output("y").scalars.floats)
    }
    #expect(seen == [0, 2])
  }

  @Test func `a rate outside 0 to 1 and an axis that is not there are refused`() {
    let x = ProgramBuilder().input("x", TensorType([2, 3]))
    #expect(throws: EngineError.self) { try x.dropout(rate: 1.5, stream: 0) }
    #expect(throws: EngineError.self) { try x.dropout(rate: .nan, stream: 0) }
    #expect(throws: EngineError.self) { try x.dropout(rate: 0.5, stream: 0, sharedAxes: [2]) }
  }
}
