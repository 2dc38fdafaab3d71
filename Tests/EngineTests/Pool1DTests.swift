import Engine
import Kernels
import Tensors
import Testing

@Suite struct Pool1DTests {
  /// Length, window, stride: exact, with a rest, overlapping, with gaps, one window.
  static let windows = [
    (6, 2, 2), (7, 2, 2), (7, 3, 1), (9, 2, 4), (5, 5, 5), (4, 3, 2), (1, 1, 1),
  ]

  @Test(arguments: Pool1D.Function.allCases, windows)
  func `Execution and gradients match the reference`(
    function: Pool1D.Function, window: (length: Int, size: Int, stride: Int)
  ) throws {
    for padding in [Padding.valid, .same] {
      for channels in [1, 3, 70] {
        let shape: Shape = [channels == 70 ? 1 : 2, window.length, channels]
        let checks = OpChecks([.init(shape, isDistinct: true)]) { _, x in
          try x[0].apply(
            Pool1D(function, size: window.size, stride: window.stride, padding: padding))
        }
        try checks.expectExecutionMatchesReference()
        try checks.expectGradientsMatchDifferences()
      }
    }
  }

  @Test func `Samples are shared out over threads`() throws {
    for function in Pool1D.Function.allCases {
      try OpChecks([[32, 120, 33]]) {
        try $1[0].apply(Pool1D(function, size: 3, stride: 2, padding: .same))
      }.expectExecutionMatchesReference()
    }
  }

  @Test func `A mean at an end counts only what is there`() throws {
    let found = try run([Tensor([1, 3, 1], [3, 6, 9] as [Float])]) {
      try $0[0].averagePool1D(size: 3, strides: 1, padding: .same)
    }
    #expect(found == [4.5, 6, 7.5])
  }

  @Test func `The gradient of equal elements goes to the first, and NaN is the largest`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([1, 3, 1]))
    let y = try x.maxPool1D(size: 3)
    let gradients = try builder.gradients(of: y.sum(axes: [0, 1, 2]), withRespectTo: [x])
    builder.output("y", y)
    builder.output("dx", gradients[0])
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    for (row, expected) in [([2, 2, 1], [1, 0, 0]), ([1, .nan, 2], [0, 1, 0])]
      as [([Float], [Float])]
    {
      try session.setInput(0, Tensor([1, 3, 1], row))
      try session.run()
      #expect(session.output("dx").scalars.floats == expected)
      #expect(session.output("y").scalars.floats[0].isNaN == row.contains(where: \.isNaN))
    }
  }

  @Test func `Windows that do not fit are refused`() {
    let x = ProgramBuilder().input("x", TensorType([1, 3, 1]))
    #expect(throws: EngineError.self) { try x.maxPool1D(size: 4) }
    #expect(throws: EngineError.self) { try x.maxPool1D(size: 0) }
    #expect(throws: EngineError.self) { try x.averagePool1D(size: 2, strides: 0) }
    #expect(throws: EngineError.self) { try x.maxPool1D(size: 2, padding: .causal) }
    #expect(throws: EngineError.self) { try x.sum(axes: [0]).maxPool1D(size: 1) }
  }
}
