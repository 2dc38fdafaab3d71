import Engine
import Kernels
import Tensors
import Testing

@Suite struct PoolTests {
  /// Lengths, window, stride along each axis: exact, with a rest, overlapping, with gaps, one window.
  static let windows: [[(length: Int, size: Int, stride: Int)]] = [
    [(6, 2, 2)], [(7, 2, 2)], [(7, 3, 1)], [(9, 2, 4)], [(5, 5, 5)], [(4, 3, 2)], [(1, 1, 1)],
    [(4, 2, 2), (6, 2, 2)], [(5, 2, 2), (3, 2, 2)], [(4, 3, 1), (5, 2, 3)], [(3, 3, 3), (3, 1, 1)],
    [(2, 2, 2), (4, 2, 2), (4, 2, 2)], [(3, 2, 1), (4, 3, 2), (3, 1, 2)],
  ]

  private func check(
    _ function: PoolFunction, _ extents: [Int], _ windows: [PoolWindows],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    // One channel, fewer than a vector has, one vector, several and some more.
    for channels in [1, 3, 16, 86] {
      let shape = Shape([channels > 3 ? 1 : 2] + extents + [channels])
      let checks = OpChecks([.init(shape, isDistinct: true)]) { _, x in
        try x[0].pooled(function, windows)
      }
      try checks.expectExecutionMatchesReference(sourceLocation: sourceLocation)
      try checks.expectGradientsMatchDifferences(sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: PoolFunction.allCases, windows)
  func `Execution and gradients match the reference`(
    function: PoolFunction, axes: [(length: Int, size: Int, stride: Int)]
  ) throws {
    for padding in [Padding.valid, .same] {
      try check(
        function, axes.map(\.length),
        axes.map { .sliding(size: $0.size, stride: $0.stride, padding: padding) })
    }
  }

  @Test(arguments: PoolFunction.allCases, [[(7, 3)], [(6, 2), (5, 4)], [(3, 2), (4, 1), (2, 3)]])
  func `An axis is divided into windows of any number`(
    function: PoolFunction, axes: [(length: Int, count: Int)]
  ) throws {
    try check(function, axes.map(\.length), axes.map { .dividing(into: $0.count) })
  }

  /// Many samples, and one, whose rows of windows and whose channels are shared out.
  @Test(arguments: [[32, 24, 24, 33], [1, 90, 80, 40], [1, 8, 40, 20, 40], [1, 7000, 40]])
  func `The work is shared out over threads`(extents: [Int]) throws {
    for function in PoolFunction.allCases {
      for (size, stride) in [(2, 2), (3, 2)] {
        let builder = ProgramBuilder()
        let x = builder.input("x", TensorType(Shape(extents)))
        let windows = PoolWindows.sliding(size: size, stride: stride, padding: .same)
        let y = try x.pooled(function, .init(repeating: windows, count: extents.count - 2))
        let g = builder.input("g", y.type)
        builder.output("y", y)
        builder.output(
          "dx",
          try x.apply(
            PoolGradient(
              Pool(
                function,
                .init(
                  repeating: windows, count: extents.count - 2))), g))
        var generator = SeededGenerator(5)
        let inputs = [x, g].map { value in
          ReferenceTensor(
            value.shape, (0..<value.shape.count).map { _ in Double(Float(generator.unit())) })
        }
        let expected = builder.program.evaluateReference(inputs: inputs, states: [:])
        for threads in [1, 2, 5] {
          let session = try Session(
            Plan(builder.program, threads: threads), variables: Variables())
          for (index, input) in inputs.enumerated() {
            try session.setInput(index, Tensor(input.shape, input.values.map { Float($0) }))
          }
          try session.run()
          for name in ["y", "dx"] {
            expectClose(
              session.output(name).scalars.doubles, expected[name]?.values ?? [], tolerance: 2e-6,
              "\(name) of \(function) \(extents) \(size) with \(threads) threads")
          }
        }
      }
    }
  }

  @Test func `A mean at an end counts only what is there`() throws {
    let found = try run([Tensor([1, 3, 1], [3, 6, 9] as [Float])]) {
      try $0[0].pooled(.average, [.sliding(size: 3, stride: 1, padding: .same)])
    }
    #expect(found == [4.5, 6, 7.5])
    let corners = try run([Tensor([1, 2, 2, 1], [1, 2, 3, 6] as [Float])]) {
      try $0[0].pooled(
        .average, .init(repeating: .sliding(size: 3, stride: 2, padding: .same), count: 2))
    }
    #expect(corners == [3])
  }

  @Test func `The gradient of equal elements goes to the first, and NaN is the largest`() throws {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([1, 2, 2, 17]))
    let y = try x.pooled(.max, [.sliding(size: 2, stride: 2), .sliding(size: 2, stride: 2)])
    let gradients = try builder.gradients(of: y.sum(axes: [0, 1, 2, 3]), withRespectTo: [x])
    builder.output("y", y)
    builder.output("dx", gradients[0])
    let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
    for (window, expected) in [
      ([1, 2, 2, 1], [0, 1, 0, 0]), ([3, 2, 3, 3], [1, 0, 0, 0]),
      ([1, .nan, 2, .nan], [0, 1, 0, 0]),
      ([-.infinity, -.infinity, -.infinity, -.infinity], [1, 0, 0, 0]),
    ] as [([Float], [Float])] {
      try session.setInput(0, Tensor(x.shape, window.flatMap { [Float](repeating: $0, count: 17) }))
      try session.run()
      #expect(
        session.output("dx").scalars.floats
          == expected.flatMap { [Float](repeating: $0, count: 17) })
      #expect(
        session.output("y").scalars.floats.allSatisfy {
          $0.isNaN == window.contains(where: \.isNaN)
        }
      )
    }
  }

  @Test func `Windows that do not fit are refused`() {
    let x = ProgramBuilder().input("x", TensorType([1, 3, 1]))
    for windows in [
      .sliding(size: 4, stride: 1), .sliding(size: 0, stride: 1), .sliding(size: 2, stride: 0),
      .sliding(size: 2, stride: 1, padding: .causal), .dividing(into: 0),
      .dividing(into: .max), .dividing(into: 1 << 25),
    ] as [PoolWindows] {
      #expect(throws: EngineError.self) { try x.pooled(.max, [windows]) }
    }
    for count in [0, 2, 4] {
      #expect(throws: EngineError.self) {
        try x.pooled(.average, .init(repeating: .sliding(size: 1, stride: 1), count: count))
      }
    }
  }
}
