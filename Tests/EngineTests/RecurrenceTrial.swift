import Engine
import Kernels
import Tensors
import Testing

/// One recurrent layer with operands drawn at random, to be run in several ways.
struct RecurrenceTrial: CustomTestStringConvertible, Sendable {
  var (samples, steps, features, units) = (5, 4, 3, 2)
  var settings: RecurrenceOptions

  init(_ cell: RecurrentCell, _ change: (inout RecurrenceTrial) -> Void = { _ in }) {
    settings = RecurrenceOptions(cell)
    change(&self)
  }

  var testDescription: String {
    let op = Recurrence(settings)
    return "\(op.name) [\(samples),\(steps),\(features)] \(units) units \(op.options)"
  }

  static let cells: [RecurrentCell] = [
    .lstm, .gru(resetsAfter: true), .gru(resetsAfter: false), .simple,
  ]

  /// Options and extents that between them reach every branch.
  static let all = cells.flatMap { cell in
    [
      RecurrenceTrial(cell),
      RecurrenceTrial(cell) { $0.settings.hasBias = false },
      RecurrenceTrial(cell) { $0.settings.hasInitialState = true },
      RecurrenceTrial(cell) { $0.settings.hasMask = true },
      RecurrenceTrial(cell) {
        $0.settings.hasMask = true
        $0.settings.hasInitialState = true
        $0.settings.zeroesMasked = true
      },
      RecurrenceTrial(cell) {
        $0.settings.goesBackwards = true
        $0.settings.hasMask = true
        $0.settings.hasInitialState = true
      },
      RecurrenceTrial(cell) {
        $0.settings.goesBackwards = true
        $0.settings.reversesOutputs = true
        $0.settings.hasMask = true
      },
      RecurrenceTrial(cell) { $0.settings.reversesOutputs = true },
      RecurrenceTrial(cell) {
        ($0.samples, $0.steps, $0.features, $0.units) = (1, 3, 5, 19)
        $0.settings.goesBackwards = true
      },
      RecurrenceTrial(cell) { ($0.samples, $0.steps, $0.features, $0.units) = (7, 2, 9, 17) },
      // More samples than a group has, more steps than are multiplied at once.
      RecurrenceTrial(cell) { ($0.samples, $0.steps, $0.features, $0.units) = (75, 3, 4, 33) },
      RecurrenceTrial(cell) {
        ($0.samples, $0.steps, $0.features, $0.units) = (3, 61, 3, 5)
        $0.settings.hasMask = true
        $0.settings.goesBackwards = true
      },
      // One sample whose products some threads share.
      RecurrenceTrial(cell) {
        ($0.samples, $0.steps, $0.features, $0.units) = (1, 30, 5, 190)
        $0.settings.hasMask = true
        $0.settings.goesBackwards = true
      },
      RecurrenceTrial(cell) { $0.steps = 1 },
      RecurrenceTrial(cell) { ($0.steps, $0.settings.hasInitialState) = (0, true) },
      RecurrenceTrial(cell) { $0.samples = 0 },
    ] + functions(cell)
  }

  /// Every function as activation, and those of gates as recurrent activation.
  private static func functions(_ cell: RecurrentCell) -> [RecurrenceTrial] {
    GateFunction.allCases.map { function in
      RecurrenceTrial(cell) {
        $0.settings.activation = function
        $0.settings.recurrentActivation =
          [.sigmoid, .hardSigmoid, .hardSigmoidKeras2][Int(function.rawValue) % 3]
      }
    }
      + [.softsign, .elu, .relu].map { function in
        RecurrenceTrial(cell) { $0.settings.recurrentActivation = function }
      }
  }

  /// The shapes of the operands.
  var shapes: [Shape] {
    let width = settings.cell.gates * units
    var shapes: [Shape] = [[samples, steps, features], [features, width], [units, width]]
    if settings.hasBias {
      shapes.append(settings.cell == .gru(resetsAfter: true) ? [2, width] : [width])
    }
    if settings.hasInitialState {
      shapes += (0..<settings.cell.states).map { _ in [samples, units] }
    }
    if settings.hasMask { shapes.append([samples, steps]) }
    return shapes
  }

  /// The names of the results.
  var results: [String] {
    ["sequence", "h"]
      + (settings.cell == .lstm ? ["c", "gates", "old h", "old c"] : ["gates", "old h"])
      + (settings.cell == .gru(resetsAfter: true) ? ["inner product"] : [])
  }

  /// Operands that float32 holds exactly.
  func operands(seed: UInt64) -> [ReferenceTensor] {
    var source = RandomSource(seed: seed)
    return shapes.enumerated().map { index, shape in
      settings.hasMask && index == shapes.count - 1
        ? ReferenceTensor(shape, source.uniform(shape.count).map { $0 < 0.4 ? 0 : 1 })
        : draw(shape, &source)
    }
  }

  func draw(_ shape: Shape, _ source: inout RandomSource) -> ReferenceTensor {
    // With larger weights many units would make rounding grow from step to step.
    let deviation = min(0.6, 0.9 / Float(units).squareRoot())
    return ReferenceTensor(
      shape, source.normal(shape.count, standardDeviation: deviation).map { Double($0) })
  }
}

/// Runs one op on `inputs` in a session.
func execute(_ op: any Op, _ inputs: [ReferenceTensor], threads: Int) throws -> [[Float]] {
  let builder = ProgramBuilder()
  let values = inputs.enumerated().map { builder.input("\($0)", TensorType($1.shape)) }
  let results = try builder.apply(op, values)
  for (index, result) in results.enumerated() { builder.output("\(index)", result) }
  let session = try Session(Plan(builder.program, threads: threads), variables: Variables())
  for (index, input) in inputs.enumerated() {
    try session.setInput(index, Tensor(input.shape, input.values.map { Float($0) }))
  }
  // Twice: a run must not depend on what an earlier one left in memory.
  for _ in 1...2 { try session.run() }
  return results.indices.map { session.output("\($0)").scalars.floats }
}

/// Compares whole tensors and tells the worst element.
func expectClose(
  _ found: [Float], _ expected: [Double], tolerance: Double, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, "\(name)", sourceLocation: sourceLocation)
  var worst = (excess: 0.0, place: 0)
  for (place, (a, b)) in zip(found, expected).enumerated() {
    let excess = abs(Double(a) - b) / max(1, abs(b))
    if !(excess <= worst.excess) { worst = (excess, place) }
  }
  if !(worst.excess <= tolerance) {
    Issue.record(
      "\(name)[\(worst.place)]: \(expected[worst.place]) expected, \(found[worst.place]) found",
      sourceLocation: sourceLocation)
  }
}
