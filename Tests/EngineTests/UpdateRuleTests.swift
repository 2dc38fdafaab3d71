import Engine
import Foundation
import Tensors
import TestSupport
import Testing

/// The rules that are tested, by the Python that makes the same optimizer.
private let rules: [(python: String, rule: any UpdateRule)] = [
  ("SGD(0.1)", SGDUpdate()),
  ("SGD(0.1, momentum=0.9)", SGDUpdate(momentum: 0.9)),
  ("SGD(0.1, momentum=0.8, nesterov=True)", SGDUpdate(momentum: 0.8, nesterov: true)),
  ("Adam(0.01)", AdamUpdate()),
  (
    "Adam(0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-3, amsgrad=True)",
    AdamUpdate(beta1: 0.8, beta2: 0.99, epsilon: 1e-3, amsgrad: true)
  ),
  ("RMSprop(0.01)", RMSpropUpdate()),
  ("RMSprop(0.01, rho=0.8, momentum=0.5)", RMSpropUpdate(rho: 0.8, momentum: 0.5)),
  ("RMSprop(0.01, epsilon=1e-5, centered=True)", RMSpropUpdate(epsilon: 1e-5, centered: true)),
  ("RMSprop(0.01, momentum=0.9, centered=True)", RMSpropUpdate(momentum: 0.9, centered: true)),
  ("AdamW(0.01, weight_decay=0.1)", DecayedUpdate(AdamUpdate(), decay: 0.1)),
  ("SGD(0.1, momentum=0.9, weight_decay=0.2)", DecayedUpdate(SGDUpdate(momentum: 0.9), decay: 0.2)),
  ("Adadelta(0.5)", AdadeltaUpdate()),
  ("Adadelta(0.5, rho=0.8, epsilon=1e-3)", AdadeltaUpdate(rho: 0.8, epsilon: 1e-3)),
  ("Adagrad(0.05)", AdagradUpdate()),
  ("Adamax(0.01, beta_1=0.8)", AdamaxUpdate(beta1: 0.8)),
  ("Nadam(0.01)", NadamUpdate()),
  ("Nadam(0.01, beta_1=0.8, weight_decay=0.1)", DecayedUpdate(NadamUpdate(beta1: 0.8), decay: 0.1)),
  ("Ftrl(0.1)", FtrlUpdate()),
  (
    "Ftrl(0.1, learning_rate_power=-0.7, l1_regularization_strength=0.01, "
      + "l2_regularization_strength=0.1, l2_shrinkage_regularization_strength=0.05, beta=0.1)",
    FtrlUpdate(learningRatePower: -0.7, l1: 0.01, l2: 0.1, shrinkage: 0.05, beta: 0.1)
  ),
  ("Lion(0.01)", LionUpdate()),
  ("Lamb(0.01)", LambUpdate()),
  ("Lamb(0.01, weight_decay=0.1)", DecayedUpdate(LambUpdate(), decay: 0.1)),
]

/// What a slot begins with.
private func startingValue(of slot: String) -> Float { slot == "accumulator" ? 0.1 : 0 }

/// What Ftrl may be off by besides a part of the number itself: it takes the difference of two roots, in
/// which a few roundings of either are left, and multiplies it by the parameter.
private func slack(
  _ rule: any UpdateRule, _ name: String, size: Double, accumulator: Double, rate: Double
) -> Double {
  guard let ftrl = rule as? FtrlUpdate, name != "accumulator" else { return 0 }
  let lost = 0x1p-20 * size
  return name == "parameter" ? lost : lost * pow(accumulator, -ftrl.learningRatePower) / rate
}

/// A parameter with its slots, updated where they are by a session.
private struct Trial {
  let rule: any UpdateRule
  let variables = Variables()
  let session: Session

  init(_ rule: any UpdateRule, _ parameter: [Float], threads: Int) throws {
    let shape: Shape = [parameter.count]
    let builder = ProgramBuilder()
    let gradient = builder.input("gradient", TensorType(shape))
    let settings = builder.input("settings", UpdateSettings.type)
    let state = builder.state("parameter", shape)
    let slots = rule.slotNames.map { builder.state($0, shape) }
    let results = try rule.updated(state, gradient: gradient, slots: slots, settings: settings)
    builder.update(state, to: results.parameter)
    for (slot, new) in zip(slots, results.slots) { builder.update(slot, to: new) }
    variables.set("parameter", Tensor(shape, parameter))
    for name in rule.slotNames {
      variables.set(
        name, Tensor(shape, [Float](repeating: startingValue(of: name), count: shape.count)))
    }
    let plan = Plan(builder.program, threads: threads)
    #expect(plan.copies.isEmpty, "the variables are updated in place")
    session = try Session(plan, variables: variables)
    self.rule = rule
  }

  func update(_ number: Int, rate: Float, _ gradient: [Float]) throws {
    try session.setInput(0, Tensor([gradient.count], gradient))
    try session.setInput(1, UpdateSettings.tensor(learningRate: rate, update: number))
    try session.run()
  }

  func values(_ name: String) -> [Float] { variables.tensor(name)?.scalars.floats ?? [] }
}

/// What Keras makes of one optimizer.
private struct KerasRun: Decodable {
  let initial: [Float]
  let gradients: [[Float]]
  let rates: [Float]
  let parameters: [[Float]]
  let slots: [[Float]]

  static func all(_ optimizers: [String]) throws -> [KerasRun] {
    let list = "[" + optimizers.map { "keras.optimizers." + $0 }.joined(separator: ", ") + "]"
    return try Keras.answer(
      """
      import json, numpy, keras
      random = numpy.random.RandomState(5)
      def floats(x): return [float(v) for v in numpy.asarray(x, "float32").ravel()]
      runs = []
      for optimizer in \(list):
        variable = keras.Variable(random.randn(37).astype("float32"))
        run = dict(initial=floats(variable), gradients=[], rates=[], parameters=[])
        for step in range(6):
          gradient = (random.randn(37) * 10.0 ** random.randint(-4, 3, 37)).astype("float32")
          if step == 3: optimizer.learning_rate = 0.003
          optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
          run["gradients"].append(floats(gradient))
          run["rates"].append(float(numpy.asarray(optimizer.learning_rate)))
          run["parameters"].append(floats(variable))
        # Nadam has its product of momenta too, which follows from the count of updates.
        run["slots"] = [floats(v) for v in optimizer.variables[2:] if len(v.shape)]
        runs.append(run)
      print(json.dumps(runs))
      """, as: [KerasRun].self)
  }
}

@Suite struct UpdateRuleTests {
  /// Numbers of many magnitudes.
  private func draw(_ count: Int, _ source: inout RandomSource) -> [Float] {
    let scales = source.uniform(count, from: -3, to: 2)
    return zip(source.normal(count), scales).map {
      $0 * Float(sign: .plus, exponent: Int($1), significand: 1)
    }
  }

  @Test(arguments: rules.indices, [(37, 1), (20_001, 2)])
  func `execution agrees with the reference over several updates`(
    _ index: Int, _ extent: (count: Int, threads: Int)
  ) throws {
    let rule = rules[index].rule
    var source = RandomSource(seed: UInt64(index))
    let initial = draw(extent.count, &source)
    let trial = try Trial(rule, initial, threads: extent.threads)
    var expected = [ReferenceTensor([extent.count], initial.map { Double($0) })]
    for name in rule.slotNames {
      let values = [Double](repeating: Double(startingValue(of: name)), count: extent.count)
      expected.append(ReferenceTensor([extent.count], values))
    }
    var sizes = initial.map { Double(abs($0)) }
    for number in 1...4 {
      let gradient = draw(extent.count, &source)
      let rate: Float = number < 3 ? 0.01 : 0.002
      try trial.update(number, rate: rate, gradient)
      expected.insert(ReferenceTensor([extent.count], gradient.map { Double($0) }), at: 1)
      expected.append(ReferenceTensor([2], [Double(rate), Double(number)]))
      expected = rule.reference(expected, RunContext())
      for place in sizes.indices {
        sizes[place] = max(sizes[place], abs(expected[0].values[place]))
      }
    }
    let accumulators = expected.count > 1 ? expected[1].values : sizes
    for (name, values) in zip(["parameter"] + rule.slotNames, expected) {
      for (place, (found, wanted)) in zip(trial.values(name), values.values).enumerated() {
        // Four updates with a handful of float32 roundings each; v - a² of the centered rule loses
        // digits where gradients are alike.
        let tolerance =
          max(abs(wanted), 0.01) * 2e-5
          + slack(
            rule, name, size: sizes[place], accumulator: accumulators[place], rate: 0.002)
        #expect(
          abs(Double(found) - wanted) <= tolerance,
          "\(rules[index].python) \(name)[\(place)]: \(wanted) expected, \(found) found")
      }
    }
  }

  @Test(.enabled(if: Surroundings.kerasPython != nil, "\(Keras.isAbsent)"))
  func `updates agree with Keras to the last bits`() throws {
    let runs = try KerasRun.all(rules.map(\.python))
    #expect(runs.count == rules.count)
    for ((python, rule), run) in zip(rules, runs) {
      let trial = try Trial(rule, run.initial, threads: 1)
      var worst = 0.0
      var sizes = run.initial.map { Double(abs($0)) }
      for parameters in run.parameters {
        for place in sizes.indices {
          sizes[place] = max(sizes[place], Double(abs(parameters[place])))
        }
      }
      let accumulators = run.slots.first ?? run.initial
      func difference(_ name: String, _ expected: [Float]) -> Double {
        let found = trial.values(name)
        #expect(found.count == expected.count)
        return found.indices.reduce(0) { worst, place in
          let allowed = slack(
            rule, name, size: sizes[place], accumulator: Double(accumulators[place]), rate: 0.003)
          let (a, b) = (Double(found[place]), Double(expected[place]))
          return max(worst, (abs(a - b) - allowed) / max(abs(b), 1e-3))
        }
      }
      for (number, gradient) in run.gradients.enumerated() {
        try trial.update(number + 1, rate: run.rates[number], gradient)
        worst = max(worst, difference("parameter", run.parameters[number]))
      }
      #expect(run.slots.count == rule.slotNames.count, "\(python)")
      for (name, slot) in zip(rule.slotNames, run.slots) {
        worst = max(worst, difference(name, slot))
      }
      // For Nadam TensorFlow rounds powers of 0.96 otherwise than the C library does.
      #expect(worst <= (python.hasPrefix("Nadam") ? 1e-6 : 3e-7), "\(python): \(worst)")
    }
  }

  @Test func `operands of other shapes are refused`() {
    let builder = ProgramBuilder()
    let p = builder.state("p", [3])
    let settings = builder.input("settings", UpdateSettings.type)
    #expect(throws: EngineError.self) {
      try SGDUpdate().updated(
        p, gradient: builder.input("g", TensorType([4])), slots: [], settings: settings)
    }
    #expect(throws: EngineError.self) {
      try AdamUpdate().updated(
        p, gradient: builder.input("g", TensorType([3])), slots: [p], settings: settings)
    }
  }
}
