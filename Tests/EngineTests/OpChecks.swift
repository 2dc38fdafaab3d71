import Engine
import Tensors
import Testing

/// Checks of an op, or of a small program of ops, against its definition: the fast execution against
/// the reference, and the gradients against central finite differences of the reference.
struct OpChecks {
  /// One operand, drawn from a seeded generator.
  struct Operand {
    var type: TensorType
    /// The range of the elements; whole numbers of it for int32.
    var range: ClosedRange<Double> = -2...2
    /// Every element another one, in a shuffled order and well apart, so that a difference step
    /// changes no order: for maxima.
    var isDistinct = false
    var isDifferentiated = true

    init(_ shape: Shape, _ range: ClosedRange<Double> = -2...2, isDistinct: Bool = false) {
      type = TensorType(shape)
      self.range = range
      self.isDistinct = isDistinct
    }

    /// An operand that gradients do not go to.
    static func constant(_ shape: Shape, _ range: ClosedRange<Double> = -2...2) -> Operand {
      var operand = Operand(shape, range)
      operand.isDifferentiated = false
      return operand
    }

    static func tokens(_ shape: Shape, _ range: ClosedRange<Int>) -> Operand {
      var operand = constant(shape, Double(range.lowerBound)...Double(range.upperBound))
      operand.type = TensorType(shape, .int32)
      return operand
    }

    func draw(_ generator: inout SeededGenerator) -> ReferenceTensor {
      let width = range.upperBound - range.lowerBound
      let count = type.shape.count
      if isDistinct {
        let order = (0..<count).shuffled(using: &generator)
        return ReferenceTensor(
          type.shape,
          order.map { Double(Float(range.lowerBound + width * (Double($0) + 0.5) / Double(count))) }
        )
      }
      return ReferenceTensor(
        type.shape,
        (0..<count).map { _ in
          let value = range.lowerBound + width * generator.unit()
          return type.dtype == .int32
            ? value.rounded() : Double(Float(value))
        })
    }
  }

  typealias Build = (_ builder: ProgramBuilder, _ operands: [Value]) throws -> Value

  let operands: [Operand]
  let seed: UInt64
  let build: Build

  init(_ operands: [Operand], seed: UInt64 = 1, _ build: @escaping Build) {
    self.operands = operands
    self.seed = seed
    self.build = build
  }

  /// A program of one op on operands of these shapes.
  init(
    _ shapes: [Shape], _ range: ClosedRange<Double> = -2...2, seed: UInt64 = 1,
    _ build: @escaping Build
  ) {
    self.init(shapes.map { Operand($0, range) }, seed: seed, build)
  }

  /// Checks that `execute` gives what the reference gives, with one thread and with two.
  ///
  /// - Parameter tolerance: relative to the expected value and, near zero, to 1: a few roundings of
  ///   float32 (6e-8 each); more where a sum of n terms loses √n of them.
  func expectExecutionMatchesReference(
    tolerance: Double = 2e-6, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let builder = ProgramBuilder()
    let values = operands.enumerated().map { builder.input("x\($0.offset)", $0.element.type) }
    builder.output("y", try build(builder, values))
    var generator = SeededGenerator(seed)
    let inputs = operands.map { $0.draw(&generator) }
    try expectExecution(
      of: builder.program, matchesReferenceOn: inputs, tolerance, sourceLocation)
  }

  /// Checks the gradients of Σ wᵢ yᵢ, with drawn weights w: by finite differences of the reference,
  /// and that running them gives what their reference gives. Of a large operand, differences are
  /// taken at 32 of its elements.
  func expectGradientsMatchDifferences(
    tolerance: Double = 1e-6, executionTolerance: Double = 2e-6,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let builder = ProgramBuilder()
    var values = operands.enumerated().map { builder.input("x\($0.offset)", $0.element.type) }
    let result = try build(builder, values)
    let weights = Operand(result.shape, 0.5...1.5)
    values.append(builder.input("w", weights.type))
    let weighted = try result * values[operands.count]
    let loss = try weighted.sum(axes: Array(0..<weighted.rank))
    let targets = operands.indices.filter { operands[$0].isDifferentiated }
    let gradients = try builder.gradients(of: loss, withRespectTo: targets.map { values[$0] })
    builder.output("loss", loss)
    for (index, gradient) in zip(targets, gradients) { builder.output("d\(index)", gradient) }

    var generator = SeededGenerator(seed)
    var inputs = (operands + [weights]).map { $0.draw(&generator) }
    let results = builder.program.evaluateReference(inputs: inputs, states: [:])
    let lossProgram = try lossProgram(weights)
    let step = 1e-6
    for index in targets {
      let found = try #require(results["d\(index)"])
      let positions = inputs[index].values.indices.shuffled(using: &generator).prefix(32).sorted()
      var differences: [Double] = []
      for position in positions {
        let original = inputs[index].values[position]
        inputs[index].values[position] = original + step
        let above = evaluate(lossProgram, inputs)
        inputs[index].values[position] = original - step
        let below = evaluate(lossProgram, inputs)
        inputs[index].values[position] = original
        differences.append((above - below) / (2 * step))
      }
      expectClose(
        positions.map { found.values[$0] }, differences, tolerance: tolerance,
        "the gradient of operand \(index) \(found.shape) at \(positions), seed \(seed)",
        sourceLocation)
    }
    try expectExecution(
      of: builder.program, matchesReferenceOn: inputs, executionTolerance, sourceLocation)
  }

  /// The program without gradients, for the many evaluations of the differences.
  private func lossProgram(_ weights: Operand) throws -> Program {
    let builder = ProgramBuilder()
    let values = operands.enumerated().map { builder.input("x\($0.offset)", $0.element.type) }
    let result = try build(builder, values)
    let weighted = try result * builder.input("w", weights.type)
    builder.output("loss", try weighted.sum(axes: Array(0..<weighted.rank)))
    return builder.program
  }

  private func evaluate(_ program: Program, _ inputs: [ReferenceTensor]) -> Double {
    program.evaluateReference(inputs: inputs, states: [:])["loss"]?.values[0] ?? .nan
  }

  private func expectExecution(
    of program: Program, matchesReferenceOn inputs: [ReferenceTensor], _ tolerance: Double,
    _ sourceLocation: SourceLocation
  ) throws {
    let expected = program.evaluateReference(inputs: inputs, states: [:])
    for threads in [1, 2] {
      let session = try Session(Plan(program, threads: threads), variables: Variables())
      for (index, input) in inputs.enumerated() {
        let type = program.types[program.inputs[index].value]
        try session.setInput(
          index,
          type.dtype == .int32
            ? Tensor(type.shape, input.values.map { Int32($0) })
            : Tensor(type.shape, input.values.map { Float($0) }))
      }
      // Twice: a run must not depend on what an earlier one left in memory.
      for run in 1...2 {
        try session.run()
        for port in program.outputs {
          let found = session.output(port.name)
          let values = try #require(expected[port.name])
          #expect(found.shape == values.shape, sourceLocation: sourceLocation)
          expectClose(
            found.scalars.doubles, values.values, tolerance: tolerance,
            "\(port.name) \(found.shape) in run \(run) of \(threads) threads, seed \(seed)",
            sourceLocation)
        }
      }
    }
  }
}

/// Compares whole tensors, and reports the worst element.
func expectClose(
  _ found: [Double], _ expected: [Double], tolerance: Double, _ what: String,
  _ sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  var worst = (error: 0.0, index: 0)
  for (index, (a, b)) in zip(found, expected).enumerated() {
    if a == b || (a.isNaN && b.isNaN) { continue }
    let error = (a - b).magnitude / max(1, b.magnitude)
    // Infinite where only one is finite or a number.
    let comparable = error.isNaN ? .infinity : error
    if comparable > worst.error { worst = (comparable, index) }
  }
  guard worst.error > tolerance else { return }
  Issue.record(
    """
    \(what): element \(worst.index) is \(found[worst.index]), expected \
    \(expected[worst.index]), off by \(worst.error)
    """, sourceLocation: sourceLocation)
}

/// A small generator that gives the same numbers everywhere (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in 0 ..< 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
