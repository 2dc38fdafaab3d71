import Engine
import Kernels
import Tensors
import Testing

/// One long short-term memory with operands drawn at random, to be run in several ways.
struct LSTMTrial: CustomTestStringConvertible, Sendable {
  var (samples, steps, features, units) = (5, 4, 3, 2)
  var settings = LSTMOptions()

  init(_ change: (inout LSTMTrial) -> Void = { _ in }) { change(&self) }

  var testDescription: String {
    "[\(samples),\(steps),\(features)] \(units) units \(LSTM(settings).options)"
  }

  /// Options and extents that between them reach every branch.
  static let all: [LSTMTrial] =
    [
      LSTMTrial(),
      LSTMTrial { $0.settings.hasBias = false },
      LSTMTrial { $0.settings.hasInitialState = true },
      LSTMTrial { $0.settings.hasMask = true },
      LSTMTrial {
        $0.settings.hasMask = true
        $0.settings.hasInitialState = true
        $0.settings.zeroesMasked = true
      },
      LSTMTrial {
        $0.settings.goesBackwards = true
        $0.settings.hasMask = true
        $0.settings.hasInitialState = true
      },
      LSTMTrial {
        ($0.samples, $0.steps, $0.features, $0.units) = (1, 3, 5, 19)
        $0.settings.goesBackwards = true
      },
      LSTMTrial { ($0.samples, $0.steps, $0.features, $0.units) = (7, 2, 9, 17) },
      LSTMTrial { $0.steps = 1 },
      LSTMTrial { ($0.steps, $0.settings.hasInitialState) = (0, true) },
      LSTMTrial { $0.samples = 0 },
    ] + functions

  /// Every function as activation and as recurrent activation.
  static let functions: [LSTMTrial] =
    GateFunction.allCases.map { function in
      LSTMTrial {
        $0.settings.activation = function
        $0.settings.recurrentActivation =
          [.sigmoid, .hardSigmoid, .hardSigmoidKeras2][Int(function.rawValue) % 3]
      }
    }
    + [.softsign, .elu, .relu].map { function in
      LSTMTrial { $0.settings.recurrentActivation = function }
    }

  /// The shapes of the operands.
  var shapes: [Shape] {
    var shapes: [Shape] = [
      [samples, steps, features], [features, 4 * units], [units, 4 * units],
    ]
    if settings.hasBias { shapes.append([4 * units]) }
    if settings.hasInitialState { shapes += [[samples, units], [samples, units]] }
    if settings.hasMask { shapes.append([samples, steps]) }
    return shapes
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
    ReferenceTensor(
      shape, source.normal(shape.count, standardDeviation: 0.6).map { Double($0) })
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
  try session.run()
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
