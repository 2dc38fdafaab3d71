import Engine
import Tensors
import Testing

@Suite struct MatMulTests {
  @Test(arguments: [false, true], [false, true])
  func `Execution and gradients match the reference`(a: Bool, b: Bool) throws {
    let checks = OpChecks([a ? [4, 5] : [5, 4], b ? [3, 4] : [4, 3]]) { _, x in
      try x[0].matmul(x[1], transposeA: a, transposeB: b)
    }
    // Sums of 4 products of size up to 4.
    try checks.expectExecutionMatchesReference(tolerance: 4e-6)
    try checks.expectGradientsMatchDifferences(executionTolerance: 4e-6)
  }

  @Test(
    arguments: [([200, 300], [300, 100]), ([3, 700], [700, 900]), ([1, 1], [1, 5])]
      as [(Shape, Shape)])
  func `Products large enough for two threads match the reference`(a: Shape, b: Shape) throws {
    try OpChecks([a, b], -1...1) { _, x in try x[0].matmul(x[1]) }
      .expectExecutionMatchesReference(tolerance: 2e-5)
  }

  /// Widths around those of one register and of sixteen.
  @Test(arguments: 1...9, [1, 15, 16, 33, 70, 300])
  func `Products of a few rows match the reference`(rows: Int, columns: Int) throws {
    try OpChecks([[rows, 50], [50, columns]], -1...1) { _, x in try x[0].matmul(x[1]) }
      .expectExecutionMatchesReference(tolerance: 4e-6)
  }

  @Test(arguments: [false, true], [false, true])
  func `Stacks of matrices are multiplied one by one`(a: Bool, b: Bool) throws {
    for count in [1, 3] {
      let checks = OpChecks([
        a ? [count, 4, 5] : [count, 5, 4], b ? [count, 3, 4] : [count, 4, 3],
      ]) {
        try $1[0].batchMatmul($1[1], transposeA: a, transposeB: b)
      }
      // Sums of 4 products of size up to 4.
      try checks.expectExecutionMatchesReference(tolerance: 4e-6)
      try checks.expectGradientsMatchDifferences(executionTolerance: 4e-6)
    }
    let builder = ProgramBuilder()
    let (x, y) = (
      builder.input("x", TensorType([2, 3, 3])), builder.input("y", TensorType([3, 3, 3]))
    )
    #expect(throws: EngineError.self) { try x.batchMatmul(y, transposeA: a, transposeB: b) }
  }

  /// Every height that a tile can be left with, and widths and depths around those of tiles.
  @Test(arguments: 16...30, [1, 16, 31, 33, 65])
  func `Products in tiles match the reference`(rows: Int, columns: Int) throws {
    for (inner, a, b) in [
      (1, false, false), (257, true, false), (255, false, true), (40, true, true),
    ] {
      let operands: [Shape] = [
        a ? [inner, rows] : [rows, inner], b ? [columns, inner] : [inner, columns],
      ]
      // Sums of up to 257 products of size up to 1.
      try OpChecks(operands, -1...1) { _, x in
        try x[0].matmul(x[1], transposeA: a, transposeB: b)
      }.expectExecutionMatchesReference(tolerance: 1e-5)
    }
  }

  @Test func `Inner extents that differ are refused with both types`() throws {
    let builder = ProgramBuilder()
    let a = builder.input("a", TensorType([2, 3]))
    let error = #expect(throws: EngineError.self) { try a.matmul(a) }
    #expect(
      error?.description
        == "matmul needs two matrices with equal inner extents, but got f32[2,3] and f32[2,3].")
  }
}
