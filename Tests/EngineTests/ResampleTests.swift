import Engine
import Tensors
import Testing

@Suite struct ResampleTests {
  @Test(arguments: Interpolation.allCases, [0, 1, 2])
  func `Execution and gradients match the reference`(
    interpolation: Interpolation, axis: Int
  ) throws {
    for (length, count, antialias) in [
      (1, 3, false), (2, 4, false), (7, 28, true), (9, 4, true), (5, 3, false),
    ] {
      var extents = [3, 4, 5]
      extents[axis] = length
      let taps = interpolation.taps(from: length, to: count, antialias: antialias)
      let checks = OpChecks([Shape(extents)]) { try $1[0].resampled(axis: axis, taps) }
      try checks.expectExecutionMatchesReference()
      try checks.expectGradientsMatchDifferences()
    }
  }

  @Test func `Rows are shared out over threads`() throws {
    let taps = Interpolation.bilinear.taps(from: 50, to: 50 * 2)
    try OpChecks([[3, 50, 700]]) { try $1[0].resampled(axis: 1, taps) }
      .expectExecutionMatchesReference()
  }

  @Test(arguments: Interpolation.allCases)
  func `An axis of equal numbers stays one`(interpolation: Interpolation) {
    for (length, count, antialias) in [
      (6, 30, false), (30, 7, true), (5, 3, false), (1, 1, true), (64, 1, true),
    ] {
      for sum in interpolation.taps(from: length, to: count, antialias: antialias).sums {
        #expect(abs(sum.reduce(0) { $0 + $1.weight } - 1) < 1e-12)
      }
    }
  }

  @Test func `An axis of another length is refused`() {
    let x = ProgramBuilder().input("x", TensorType([2, 3]))
    let taps = Interpolation.nearest.taps(from: 2, to: 2 * 2)
    #expect(throws: EngineError.self) { try x.resampled(axis: 1, taps) }
    #expect(throws: EngineError.self) { try x.resampled(axis: 2, taps) }
  }
}
