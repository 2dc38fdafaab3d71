import Engine
import Kernels
import Tensors
import Testing

/// Pairs of shapes for every path of the broadcasting loops.
let broadcastShapes: [(Shape, Shape)] = [
  ([2, 3, 4], [2, 3, 4]),  // equal
  ([5, 7], []),  // one number
  ([], [3, 2]),
  ([1], [1, 1]),
  ([2, 3, 5], [5]),  // a bias
  ([5], [2, 3, 5]),
  ([6, 4], [6, 1]),  // one number per row
  ([6, 1], [6, 4]),
  ([3, 1], [1, 4]),  // both repeat
  ([2, 3, 4], [2, 1, 4]),
  ([2, 1, 4, 1], [3, 1, 5]),
  ([2, 3, 2, 3], [1, 3, 1, 3]),
  ([0, 3], [3]),
]

@Suite struct BinaryTests {
  @Test func `Every function has a loop and every loop a function`() {
    #expect(Set(BinaryFunction.allCases.map(\.rawValue)) == Set(BinaryLoop.names))
  }

  @Test(arguments: BinaryFunction.allCases)
  func `Execution matches the reference under every kind of broadcasting`(
    function: BinaryFunction
  ) throws {
    for (a, b) in broadcastShapes {
      // Positive, so that powers are defined; half are equal to the other operand's often enough.
      let checks = OpChecks([a, b], 0.5...2) { _, x in try x[0].apply(Binary(function), x[1]) }
      try checks.expectExecutionMatchesReference()
    }
  }

  @Test(arguments: [BinaryFunction.add, .subtract, .multiply, .divide, .maximum, .minimum, .power])
  func `Gradients match differences under every kind of broadcasting`(
    function: BinaryFunction
  ) throws {
    for (a, b) in broadcastShapes where a.count > 0 {
      let checks = OpChecks([a, b], 0.5...2) { _, x in try x[0].apply(Binary(function), x[1]) }
      try checks.expectGradientsMatchDifferences()
    }
  }

  @Test(
    arguments: [
      ([257, 1031], [257, 1031]), ([600, 400], [400]), ([600, 400], [600, 1]),
    ] as [(Shape, Shape)])
  func `Large operands are shared out over threads`(a: Shape, b: Shape) throws {
    try OpChecks([a, b]) { _, x in try x[0] * x[1] }.expectExecutionMatchesReference()
  }

  @Test func `Operands that do not broadcast are refused`() {
    let builder = ProgramBuilder()
    let (a, b) = (builder.input("a", TensorType([2, 3])), builder.input("b", TensorType([2])))
    #expect(throws: EngineError.self) { try a + b }
  }

  @Test func `NaN passes through maximum and minimum from both sides`() throws {
    for function in [BinaryFunction.maximum, .minimum] {
      let found = try run([
        Tensor([3], [.nan, 1, 2] as [Float]), Tensor([3], [1, .nan, 3] as [Float]),
      ]) {
        try $0[0].apply(Binary(function), $0[1])
      }
      #expect(found[0].isNaN && found[1].isNaN && !found[2].isNaN)
    }
  }

  @Test func `The gradient of equal operands of a maximum goes to the first`() throws {
    let builder = ProgramBuilder()
    let (a, b) = (builder.input("a", TensorType([2])), builder.input("b", TensorType([2])))
    let gradients = try builder.gradients(
      of: a.maximum(b).sum(axes: [0]), withRespectTo: [a, b])
    builder.output("da", gradients[0])
    builder.output("db", gradients[1])
    let operand = ReferenceTensor([2], [1, 2])
    let results = builder.program.evaluateReference(inputs: [operand, operand], states: [:])
    #expect(results["da"]?.values == [1, 1])
    #expect(results["db"]?.values == [0, 0])
  }

  @Test func `The power of zero and of negative bases has the gradients of TensorFlow`() throws {
    let builder = ProgramBuilder()
    let (x, p) = (builder.input("x", TensorType([3])), builder.input("p", TensorType([3])))
    let gradients = try builder.gradients(of: x.power(p).sum(axes: [0]), withRespectTo: [x, p])
    builder.output("dx", gradients[0])
    builder.output("dp", gradients[1])
    let results = builder.program.evaluateReference(
      inputs: [ReferenceTensor([3], [-2, 0, 2]), ReferenceTensor([3], repeating: 2)], states: [:])
    #expect(results["dx"]?.values == [-4, 0, 4])
    let dp = try #require(results["dp"]).values
    expectClose(dp, [0, 0, 2.772588722239781], tolerance: 1e-12, "the exponent's gradient")
  }

  @Test func `Select takes no part in what it does not choose`() throws {
    let found = try run([
      Tensor([2], [1, 0] as [Float]), Tensor([2], [5, .nan] as [Float]),
      Tensor([2], [.infinity, 7] as [Float]),
    ]) { try $0[0].select(ifTrue: $0[1], ifFalse: $0[2]) }
    #expect(found == [5, 7])
  }

  @Test(
    arguments: [
      [[4, 6], [4, 6], [4, 6]], [[4, 6], [], [4, 6]], [[4, 6], [6], []],
      [[4, 6], [4, 1], [4, 1]],
      [[4, 1], [4, 6], [6]], [[], [4, 6], [4, 6]], [[6], [4, 1], [4, 6]],
      [[4, 6], [4, 6], [4, 1]],
    ] as [[Shape]])
  func `Select broadcasts three ways`(shapes: [Shape]) throws {
    let checks = OpChecks([.constant(shapes[0], -1...1), .init(shapes[1]), .init(shapes[2])]) {
      try $1[0].greater(than: 0).select(ifTrue: $1[1], ifFalse: $1[2])
    }
    try checks.expectExecutionMatchesReference(tolerance: 0)
    try checks.expectGradientsMatchDifferences()
  }
}

/// Runs a program on float32 tensors and gives its result's elements.
func run(_ inputs: [Tensor], _ build: ([Value]) throws -> Value) throws -> [Float] {
  let builder = ProgramBuilder()
  let values = inputs.enumerated().map {
    builder.input("x\($0.offset)", TensorType($0.element.shape, $0.element.dtype))
  }
  builder.output("y", try build(values))
  let session = try Session(Plan(builder.program, threads: 1), variables: Variables())
  for (index, input) in inputs.enumerated() { try session.setInput(index, input) }
  try session.run()
  return session.output("y").scalars.floats
}
