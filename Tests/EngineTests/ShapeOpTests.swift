import Engine
import Kernels
import Tensors
import Testing

/// Ops that move elements and compute nothing.
@Suite struct ShapeOpTests {
  private func expectExact(
    _ shapes: [Shape], sourceLocation: SourceLocation = #_sourceLocation,
    _ build: @escaping OpChecks.Build
  ) throws {
    let checks = OpChecks(shapes.map { .init($0) }, build)
    try checks.expectExecutionMatchesReference(tolerance: 0, sourceLocation: sourceLocation)
    try checks.expectGradientsMatchDifferences(sourceLocation: sourceLocation)
  }

  @Test func `A reshape keeps the elements' order and moves nothing`() throws {
    try expectExact([[2, 3, 4]]) { try $1[0].reshaped([6, 4]).apply(.relu()) }
    let builder = ProgramBuilder()
    builder.output("y", try builder.input("x", TensorType([64, 3])).reshaped([192]))
    #expect(Plan(builder.program, threads: 1).memoryCount == 192)
    let x = builder.input("z", TensorType([2, 3]))
    #expect(throws: EngineError.self) { try x.reshaped([7]) }
  }

  @Test(
    arguments: [
      ([3, 5], [1, 0]), ([2, 3, 4], [0, 2, 1]), ([2, 3, 4], [1, 0, 2]), ([2, 3, 4], [2, 1, 0]),
      ([2, 3, 4], [2, 0, 1]), ([2, 3, 2, 3], [0, 2, 1, 3]), ([2, 3, 2, 3], [3, 1, 0, 2]),
      ([2, 1, 3], [1, 0, 2]), ([2, 1, 3], [2, 1, 0]), ([4], [0]), ([], []),
    ] as [(Shape, [Int])])
  func `Transpositions put every element in its place`(shape: Shape, permutation: [Int]) throws {
    try expectExact([shape]) { try $1[0].transposed(permutation) }
  }

  @Test(arguments: [([600, 257], [1, 0]), ([20, 130, 70], [0, 2, 1])] as [(Shape, [Int])])
  func `Large transpositions are shared out over threads`(
    shape: Shape, permutation: [Int]
  ) throws {
    try OpChecks([shape]) { try $1[0].transposed(permutation) }
      .expectExecutionMatchesReference(tolerance: 0)
  }

  @Test func `Axes that are no permutation are refused`() {
    let x = ProgramBuilder().input("x", TensorType([2, 3]))
    #expect(throws: EngineError.self) { try x.transposed([0, 0]) }
    #expect(throws: EngineError.self) { try x.transposed([0]) }
  }

  @Test(
    arguments: [([6], 0, 3), ([2, 6, 3], 1, 2), ([4, 3], 0, 4), ([2, 3, 8], -1, 4)]
      as [(Shape, Int, Int)])
  func `Parts along an axis are all there, also where only some are used`(
    shape: Shape, axis: Int, parts: Int
  ) throws {
    for used in [1, parts] {
      try expectExact([shape]) { _, x in
        let all = try x[0].split(parts, axis: axis)
        return try all[parts - 1].concatenated(with: Array(all.prefix(used - 1)), axis: axis)
      }
    }
    let x = ProgramBuilder().input("x", TensorType([2, 5]))
    #expect(throws: EngineError.self) { try x.split(2, axis: 1) }
    #expect(throws: EngineError.self) { try x.split(2, axis: 2) }
    #expect(throws: EngineError.self) { try x.split(0, axis: 0) }
  }

  @Test(
    arguments: [
      ([], [3, 2]), ([3, 1], [3, 5]), ([5], [3, 5]), ([2, 1, 4], [2, 3, 4]),
      ([1, 3, 1], [2, 3, 2]),
    ] as [(Shape, Shape)])
  func `Broadcasting repeats elements`(from: Shape, to: Shape) throws {
    try expectExact([from]) { try $1[0].broadcast(to: to) }
    let x = ProgramBuilder().input("x", TensorType([3]))
    #expect(throws: EngineError.self) { try x.broadcast(to: [4]) }
  }

  @Test(arguments: [(0, 1..<2), (1, 0..<2), (-1, 2..<4), (1, 1..<1)])
  func `Slices and padding undo each other`(axis: Int, range: Range<Int>) throws {
    try expectExact([[2, 3, 4]]) { try $1[0].slice(axis: axis, range) }
    try expectExact([[2, 3, 4]]) { try $1[0].padded(axis: axis, before: 2, after: 1) }
    let x = ProgramBuilder().input("x", TensorType([2, 3, 4]))
    #expect(throws: EngineError.self) { try x.slice(axis: axis, 2..<7) }
    #expect(throws: EngineError.self) { try x.padded(axis: axis, before: 1, after: .max) }
    #expect(throws: EngineError.self) { try x.slice(axis: 3, 0..<1) }
  }

  @Test(arguments: [0, 1, -1])
  func `Operands are concatenated along any axis`(axis: Int) throws {
    try expectExact([[2, 3, 4], [2, 3, 4], [2, 3, 4]]) {
      try $1[0].concatenated(with: [$1[1], $1[2]], axis: axis)
    }
    try expectExact([[2, 3], [2, 5]]) { try $1[0].concatenated(with: [$1[1]], axis: 1) }
    let builder = ProgramBuilder()
    let (x, y) = (builder.input("x", TensorType([2, 3])), builder.input("y", TensorType([3, 2])))
    #expect(throws: EngineError.self) { try x.concatenated(with: [y], axis: axis) }
  }

  @Test func `Whole numbers are moved as they are`() throws {
    // 2²⁴ + 1 is not a float.
    let tokens = Tensor([2, 2], [16_777_217, -1, 3, 4] as [Int32])
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 2], .int32))
    builder.output("y", try x.transposed([1, 0]).concatenated(with: [x], axis: 0))
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    try session.setInput(0, tokens)
    try session.run()
    #expect(
      session.output("y")
        == Tensor([4, 2], [16_777_217, 3, -1, 4, 16_777_217, -1, 3, 4] as [Int32]))
  }

  @Test func `A gated linear unit gates the first half by the second`() throws {
    try OpChecks([[3, 8]]) { try $1[0].glu() }.expectGradientsMatchDifferences()
    let x = ProgramBuilder().input("x", TensorType([2, 3]))
    #expect(throws: EngineError.self) { try x.glu() }
  }
}
