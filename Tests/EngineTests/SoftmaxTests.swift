import Engine
import Kernels
import Tensors
import Testing

@Suite struct SoftmaxTests {
  enum Function: CaseIterable { case softmax, logSoftmax, sparsemax }

  @Test(
    arguments: Function.allCases,
    [([5], -1), ([3, 1], -1), ([4, 37], 1), ([2, 5, 3], 1), ([5, 2], 0)] as [(Shape, Int)])
  func `Execution and gradients match the reference on any axis`(
    function: Function, shapeAndAxis: (Shape, Int)
  ) throws {
    let (shape, axis) = shapeAndAxis
    let checks = OpChecks([.init(shape, isDistinct: true)]) { _, x in
      switch function {
      case .softmax: try x[0].softmax(axis: axis)
      case .logSoftmax: try x[0].logSoftmax(axis: axis)
      case .sparsemax: try x[0].sparsemax(axis: axis)
      }
    }
    try checks.expectExecutionMatchesReference()
    try checks.expectGradientsMatchDifferences()
  }

  @Test(arguments: Function.allCases)
  func `Many long rows are shared out over threads`(function: Function) throws {
    let checks = OpChecks([[100, 700]], -8...8) { _, x in
      switch function {
      case .softmax: try x[0].softmax()
      case .logSoftmax: try x[0].logSoftmax()
      case .sparsemax: try x[0].sparsemax()
      }
    }
    try checks.expectExecutionMatchesReference()
  }

  @Test func `Large and infinite logits give probabilities where there are any`() throws {
    let large = try run([Tensor([1, 3], [1000, 999, -1000] as [Float])]) { try $0[0].softmax() }
    expectClose(
      large.map(Double.init), [0.7310585786300049, 0.2689414213699951, 0], tolerance: 1e-6, "large")
    let masked = try run([Tensor([1, 2], [-.infinity, 1] as [Float])]) { try $0[0].softmax() }
    #expect(masked == [0, 1])
    let logarithms = try run([Tensor([1, 2], [-.infinity, 1] as [Float])]) {
      try $0[0].logSoftmax()
    }
    #expect(logarithms == [-.infinity, 0])
    for bad in [Float.nan, .infinity] {
      let found = try run([Tensor([1, 2], [bad, 1])]) { try $0[0].softmax() }
      #expect(found[0].isNaN)
    }
    let sparse = try run([Tensor([1, 2], [.nan, 1] as [Float])]) { try $0[0].sparsemax() }
    #expect(sparse[0].isNaN || sparse[1].isNaN)
  }

  @Test func `Sparsemax gives exact zeros and sums to one`() throws {
    let found = try run([Tensor([1, 4], [1, 0.9, 0.1, -3] as [Float])]) { try $0[0].sparsemax() }
    expectClose(found.map(Double.init), [0.55, 0.45, 0, 0], tolerance: 1e-6, "sparsemax")
    #expect(found[2] == 0)
  }

  @Test func `An empty axis is refused`() {
    let x = ProgramBuilder().input("x", TensorType([2, 0]))
    #expect(throws: EngineError.self) { try x.softmax() }
    let number = ProgramBuilder().input("x", TensorType([]))
    #expect(throws: EngineError.self) { try number.softmax() }
  }
}
