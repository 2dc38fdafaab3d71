/// A schedule as an optimizer's configuration states it.
import KerasCheckpoint

extension LearningRateSchedule {
  /// Reads `{"class_name": "CosineDecay", "config": {…}}`, the form of every generation.
  ///
  /// - Throws: `TrainingError` for a schedule or an option that is not known.
  init(config: JSON) throws(TrainingError) {
    let className = config["class_name"]?.string ?? ""
    var options = OptimizerOptions(of: className, members: config["config"]?.object ?? [:])
    let initial =
      className == "PiecewiseConstantDecay" ? 0 : try options.required("initial_learning_rate")
    switch className {
    case "ExponentialDecay", "InverseTimeDecay":
      let steps = try options.required("decay_steps")
      let rate = try options.required("decay_rate")
      let staircase = try options.flag("staircase")
      self =
        className == "ExponentialDecay"
        ? .exponentialDecay(initial: initial, steps: steps, rate: rate, staircase: staircase)
        : .inverseTimeDecay(initial: initial, steps: steps, rate: rate, staircase: staircase)
    case "PolynomialDecay":
      self = .polynomialDecay(
        initial: initial, steps: try options.required("decay_steps"),
        end: try options.number("end_learning_rate", default: 0.0001),
        power: try options.number("power", default: 1), cycle: try options.flag("cycle"))
    case "CosineDecay":
      let target = try options.number("warmup_target", default: .nan)
      let steps = try options.number("warmup_steps", default: 0)
      self = .cosineDecay(
        initial: initial, steps: try options.required("decay_steps"),
        alpha: try options.number("alpha", default: 0),
        warmup: target.isNaN ? nil : Warmup(target: target, steps: steps))
    case "CosineDecayRestarts":
      self = .cosineDecayRestarts(
        initial: initial, steps: try options.required("first_decay_steps"),
        tMul: try options.number("t_mul", default: 2),
        mMul: try options.number("m_mul", default: 1),
        alpha: try options.number("alpha", default: 0))
    case "PiecewiseConstantDecay":
      let (boundaries, values) = (try options.numbers("boundaries"), try options.numbers("values"))
      guard values.count == boundaries.count + 1 else {
        throw TrainingError(
          .configuration(
            of: className, expected: "one value more than boundaries", found: "\(values.count)"))
      }
      self = .piecewiseConstant(boundaries: boundaries, values: values)
    default:
      throw TrainingError(.unknown(what: "schedule", name: className, known: Self.classNames))
    }
    _ = try options.name()
    try options.refuseTheRest()
  }

  private static let classNames = [
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay",
    "PiecewiseConstantDecay", "PolynomialDecay",
  ]

  /// The stored form, which every generation reads.
  func config(for dialect: Dialect) -> JSON {
    func stored(_ className: String, _ options: [String: JSON], name: String? = nil) -> JSON {
      var options = options
      options["name"] = .string(name ?? className)
      var config: JSON = ["class_name": .string(className), "config": .object(options)]
      if dialect == .keras3 {
        config["module"] = "keras.optimizers.schedules"
        config["registered_name"] = .null
      }
      return config
    }
    switch self {
    case .exponentialDecay(let initial, let steps, let rate, let staircase):
      return stored("ExponentialDecay", Self.decay(initial, steps, rate, staircase))
    case .inverseTimeDecay(let initial, let steps, let rate, let staircase):
      return stored("InverseTimeDecay", Self.decay(initial, steps, rate, staircase))
    case .polynomialDecay(let initial, let steps, let end, let power, let cycle):
      return stored(
        "PolynomialDecay",
        [
          "initial_learning_rate": .number(initial), "decay_steps": .number(steps),
          "end_learning_rate": .number(end), "power": .number(power), "cycle": .bool(cycle),
        ])
    case .cosineDecay(let initial, let steps, let alpha, let warmup):
      return stored(
        "CosineDecay",
        [
          "initial_learning_rate": .number(initial), "decay_steps": .number(steps),
          "alpha": .number(alpha), "warmup_target": warmup.map { .number($0.target) } ?? .null,
          "warmup_steps": .number(warmup?.steps ?? 0),
        ])
    case .cosineDecayRestarts(let initial, let steps, let tMul, let mMul, let alpha):
      return stored(
        "CosineDecayRestarts",
        [
          "initial_learning_rate": .number(initial), "first_decay_steps": .number(steps),
          "t_mul": .number(tMul), "m_mul": .number(mMul), "alpha": .number(alpha),
        ], name: "SGDRDecay")
    case .piecewiseConstant(let boundaries, let values):
      // Keras compares whole boundaries with a whole step.
      let bounds = boundaries.map { $0 == $0.rounded() ? JSON.int(Int($0)) : .number($0) }
      return stored(
        "PiecewiseConstantDecay",
        ["boundaries": .array(bounds), "values": .array(values.map { .number($0) })],
        name: "PiecewiseConstant")
    }
  }

  private static func decay(
    _ initial: Double, _ steps: Double, _ rate: Double, _ staircase: Bool
  ) -> [String: JSON] {
    [
      "initial_learning_rate": .number(initial), "decay_steps": .number(steps),
      "decay_rate": .number(rate), "staircase": .bool(staircase),
    ]
  }
}
