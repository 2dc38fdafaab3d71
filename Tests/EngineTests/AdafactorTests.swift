import Engine
import Tensors
import TestSupport
import Testing

/// Adafactor keeps slots of other shapes than its parameter, so it has tests of its own.
@Suite struct AdafactorTests {
  static let shapes: [Shape] = [[7], [5, 3], [150, 120], [3, 4, 6], [2, 2, 5, 8]]

  /// A parameter with its slots, updated where they are by a session.
  private final class Trial {
    let rule: AdafactorUpdate
    let variables = Variables()
    let session: Session

    init(_ rule: AdafactorUpdate, _ parameter: [Float], threads: Int) throws {
      self.rule = rule
      let builder = ProgramBuilder()
      let gradient = builder.input("gradient", TensorType(rule.shape))
      let settings = builder.input("settings", UpdateSettings.type)
      let state = builder.state("parameter", rule.shape)
      let slots = rule.slotNames.enumerated().map {
        builder.state($0.element, rule.slotShape($0.offset, of: rule.shape))
      }
      let results = try rule.updated(state, gradient: gradient, slots: slots, settings: settings)
      builder.update(state, to: results.parameter)
      for (slot, new) in zip(slots, results.slots) { builder.update(slot, to: new) }
      variables.set("parameter", Tensor(rule.shape, parameter))
      for slot in slots {
        let name = rule.slotNames[slots.firstIndex { $0.id == slot.id } ?? 0]
        variables.set(name, Tensor(slot.shape, [Float](repeating: 0, count: slot.shape.count)))
      }
      session = try Session(Plan(builder.program, threads: threads), variables: variables)
    }

    func update(_ number: Int, rate: Float, _ gradient: [Float]) throws {
      try session.setInput(0, Tensor(rule.shape, gradient))
      try session.setInput(1, UpdateSettings.tensor(learningRate: rate, update: number))
      try session.run()
    }

    func values(_ name: String) -> [Float] { variables.tensor(name)?.scalars.floats ?? [] }
  }

  @Test(arguments: shapes, [1, 2])
  func `execution agrees with the reference over several updates`(
    shape: Shape, threads: Int
  ) throws {
    var source = RandomSource(seed: 3)
    let rule = AdafactorUpdate(clipThreshold: 0.8, shape: shape)
    let initial = source.normal(shape.count)
    let trial = try Trial(rule, initial, threads: threads)
    var expected = [ReferenceTensor(shape, initial.map { Double($0) })]
    for slot in rule.slotNames.indices {
      expected.append(ReferenceTensor(rule.slotShape(slot, of: shape)))
    }
    for number in 1...4 {
      let gradient = source.normal(shape.count)
      try trial.update(number, rate: 0.3, gradient)
      expected.insert(ReferenceTensor(shape, gradient.map { Double($0) }), at: 1)
      expected.append(ReferenceTensor([2], [Double(Float(0.3)), Double(number)]))
      expected = rule.reference(expected, RunContext())
    }
    for (name, values) in zip(["parameter"] + rule.slotNames, expected) {
      for (place, (found, wanted)) in zip(trial.values(name), values.values).enumerated() {
        // A handful of float32 roundings in each of four updates.
        #expect(
          abs(Double(found) - wanted) <= max(abs(wanted), 0.01) * 2e-5,
          "\(shape) \(name)[\(place)]: \(wanted) expected, \(found) found")
      }
    }
  }

  private struct KerasRun: Decodable {
    let shape: [Int]
    let initial: [Float]
    let gradients: [[Float]]
    let parameters: [[Float]]
  }

  @Test(.enabled(if: Surroundings.kerasPython != nil, "\(Keras.isAbsent)"))
  func `updates agree with Keras to the last bits`() throws {
    let runs = try Keras.answer(
      """
      import json, numpy, keras
      random = numpy.random.RandomState(5)
      def floats(x): return [float(v) for v in numpy.asarray(x, "float32").ravel()]
      runs = []
      for shape in \(Self.shapes.map(\.dimensions)):
        optimizer = keras.optimizers.Adafactor(0.3)
        variable = keras.Variable(random.randn(*shape).astype("float32"))
        run = dict(shape=shape, initial=floats(variable), gradients=[], parameters=[])
        for step in range(5):
          gradient = random.randn(*shape).astype("float32")
          optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
          run["gradients"].append(floats(gradient))
          run["parameters"].append(floats(variable))
        runs.append(run)
      print(json.dumps(runs))
      """, as: [KerasRun].self)
    #expect(runs.count == Self.shapes.count)
    for run in runs {
      let trial = try Trial(
        AdafactorUpdate(shape: Shape(run.shape)), run.initial, threads: 1)
      for (number, gradient) in run.gradients.enumerated() {
        try trial.update(number + 1, rate: 0.3, gradient)
        for (found, expected) in zip(trial.values("parameter"), run.parameters[number]) {
          // Keras sums means in float32 and in another order, and five steps are of about 0.3.
          #expect(abs(found - expected) <= 2e-6 * max(abs(expected), 0.3), "\(run.shape)")
        }
      }
    }
  }
}
