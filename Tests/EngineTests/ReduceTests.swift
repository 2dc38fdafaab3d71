import Engine
import Kernels
import Tensors
import Testing

@Suite struct ReduceTests {
  static let cases: [(Shape, [Int])] = [
    ([5], [0]), ([2, 3], []), ([2, 37], [1]), ([2, 37], [-1]), ([37, 5], [0]), ([3, 4, 70], [1]),
    ([3, 4, 5], [0, 1]), ([3, 4, 5], [1, 2]), ([3, 4, 5], [0, 2]), ([3, 4, 5], [0, 1, 2]),
    ([2, 3, 2, 3], [1, 3]), ([1, 3, 1], [0, 2]),
  ]

  @Test(arguments: Reduce.Function.allCases, cases)
  func `Execution and gradients match the reference`(
    function: Reduce.Function, shapeAndAxes: (Shape, [Int])
  ) throws {
    let (shape, axes) = shapeAndAxes
    for keepDims in [false, true] {
      let checks = OpChecks([.init(shape, isDistinct: true)]) { _, x in
        switch function {
        case .sum: try x[0].sum(axes: axes, keepDims: keepDims)
        case .mean: try x[0].mean(axes: axes, keepDims: keepDims)
        case .max: try x[0].max(axes: axes, keepDims: keepDims)
        }
      }
      try checks.expectExecutionMatchesReference(tolerance: 1e-5)
      try checks.expectGradientsMatchDifferences(executionTolerance: 1e-5)
    }
  }

  /// Each is large enough for several blocks and threads.
  @Test(
    arguments: [
      ([140_003], [0]), ([12_800, 33], [0]), ([600, 257], [0]), ([7, 300, 130], [1]),
      ([1400, 100], [1]), ([2, 3, 40_000], [1, 2]), ([50_000, 3], [0]), ([135, 1000], [0]),
    ] as [(Shape, [Int])])
  func `Large reductions agree with the reference, whatever the threads`(
    shape: Shape, axes: [Int]
  ) throws {
    // Sums of 10⁵ terms of size 1: the error stays at that of a few roundings of the result.
    try OpChecks([shape], 0...1) { _, x in try x[0].sum(axes: axes) }
      .expectExecutionMatchesReference(tolerance: 1e-6)
    try OpChecks([shape], 0...1) { _, x in try x[0].max(axes: axes) }
      .expectExecutionMatchesReference(tolerance: 0)
  }

  @Test func `A sum is the same with any number of threads`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([12_800, 40]))
    builder.output("y", try x.sum(axes: [0]))
    var generator = SeededGenerator(3)
    let input = Tensor(x.shape, (0..<x.shape.count).map { _ in Float(generator.unit() - 0.5) })
    var results: [Tensor] = []
    for threads in 1...5 {
      let session = try Session(Plan(builder.program, threads: threads), variables: Variables())
      try session.setInput(0, input)
      try session.run()
      results.append(session.output("y"))
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test(arguments: [1, 5, 16, 40, 100])
  func `A maximum with a NaN is NaN, wherever it stands`(count: Int) throws {
    for position in 0..<count {
      var row = (0..<count).map { Float($0) }
      row[position] = .nan
      let byRows = try run([Tensor([1, count], row)]) { try $0[0].max(axes: [1]) }
      let column = row.flatMap { [Float](repeating: $0, count: 20) }
      let byColumns = try run([Tensor([count, 20], column)]) { try $0[0].max(axes: [0]) }
      #expect(byRows[0].isNaN && byColumns.allSatisfy(\.isNaN))
    }
  }

  @Test func `The gradient of a maximum is shared by equal elements`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([2, 2, 2]))
    let gradients = try builder.gradients(
      of: x.max(axes: [0, 2]).sum(axes: [0]), withRespectTo: [x])
    builder.output("dx", gradients[0])
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    try session.setInput(0, Tensor(x.shape, [1, 1, 0, 3, 1, 1, 3, 3] as [Float]))
    try session.run()
    #expect(session.output("dx").scalars.floats == [0.25, 0.25, 0, 0.5, 0.25, 0.25, 0.25, 0.25])
  }

  @Test func `The mean of nothing is NaN and its maximum is refused`() throws {
    #expect(try run([Tensor([0, 2], [Float]())]) { try $0[0].mean(axes: [0]) }.allSatisfy(\.isNaN))
    #expect(throws: EngineError.self) {
      try run([Tensor([0, 2], [Float]())]) { try $0[0].max(axes: [0]) }
    }
  }

  @Test(arguments: [[2], [-3], [0, -2]])
  func `Axes that are not there or named twice are refused`(axes: [Int]) {
    let x = ProgramBuilder().input("x", TensorType([2, 3]))
    #expect(throws: EngineError.self) { try x.sum(axes: axes) }
  }
}
