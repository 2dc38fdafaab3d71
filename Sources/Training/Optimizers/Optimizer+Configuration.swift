/// An optimizer as `training_config` states it, in the forms of Keras 1, 2 and 3.
public import KerasCheckpoint

/// Every optimizer, by its class in Keras.
public enum OptimizerCatalogue {
  package static let all: [any Optimizer.Type] = [
    Adadelta.self, Adafactor.self, Adagrad.self, Adam.self, AdamW.self, Adamax.self, Ftrl.self,
    Lamb.self, Lion.self, Nadam.self, RMSprop.self, SGD.self,
  ]

  /// Reads `"adam"`, or `{"class_name": "Adam", "config": {…}}` of Keras 1, 2 (where newer versions
  /// say `Custom>Adam`) and 3.
  ///
  /// - Throws: `TrainingError` for an optimizer or an option that is not known. No option is passed
  ///   over, since the model would then train in another way than it did.
  public static func optimizer(config: JSON) throws(TrainingError) -> any Optimizer {
    guard let name = config.string ?? config["class_name"]?.string else {
      throw TrainingError(
        .configuration(
          of: "the optimizer", expected: "a name or an object with \"class_name\"",
          found: config.kindName))
    }
    let className = String(name.split(separator: ">").last ?? "")
    for type in all where type.className.lowercased() == className.lowercased() {
      return try type.read(
        OptimizerOptions(of: type.className, members: config["config"]?.object ?? [:]))
    }
    throw TrainingError(
      .unknown(what: "optimizer", name: className, known: all.map { $0.className }))
  }
}

extension Optimizer {
  fileprivate static func read(
    _ options: OptimizerOptions
  ) throws(TrainingError) -> any Optimizer {
    var options = options
    let shared = try options.shared()
    let name = try options.name()
    var optimizer = try Self(options: &options)
    let standard = optimizer.shared.weightDecay
    optimizer.shared = shared
    // AdamW decays even where a file does not say by how much.
    if shared.weightDecay == nil { optimizer.shared.weightDecay = standard }
    optimizer.name = name ?? optimizer.name
    try options.refuseTheRest()
    return optimizer
  }
}

/// What is left to read of an optimizer's stored configuration.
public struct OptimizerOptions {
  /// The class, for messages.
  public let owner: String
  private var members: [String: JSON]

  init(of owner: String, members: [String: JSON]) {
    self.owner = owner
    self.members = members
  }

  /// The number under a key; the default also where it is null, as Keras 2.0 wrote for epsilon.
  public mutating func number(
    _ key: String, default standard: Double
  ) throws(TrainingError) -> Double {
    guard let value = members.removeValue(forKey: key), !value.isNull else { return standard }
    guard let number = value.double, number.isFinite else { throw wrong(key, "a number", value) }
    return number
  }

  /// The number under a key that has to be there.
  mutating func required(_ key: String) throws(TrainingError) -> Double {
    guard members[key]?.isNull == false else { throw wrong(key, "a number", .null) }
    return try number(key, default: 0)
  }

  mutating func numbers(_ key: String) throws(TrainingError) -> [Double] {
    let value = members.removeValue(forKey: key) ?? .null
    guard let elements = value.array, case let numbers = elements.compactMap(\.double),
      numbers.count == elements.count
    else { throw wrong(key, "a list of numbers", value) }
    return numbers
  }

  public mutating func flag(
    _ key: String, default standard: Bool = false
  ) throws(TrainingError) -> Bool {
    guard let value = members.removeValue(forKey: key), !value.isNull else { return standard }
    guard let flag = value.bool else { throw wrong(key, "a boolean", value) }
    return flag
  }

  /// The learning rate, which Keras 1 and 2.2 call `lr`.
  public mutating func learningRate(default standard: Double) throws(TrainingError) -> Double {
    let old = try number("lr", default: standard)
    return try number("learning_rate", default: old)
  }

  mutating func name() throws(TrainingError) -> String? {
    guard let value = members.removeValue(forKey: "name"), !value.isNull else { return nil }
    guard let name = value.string else { throw wrong("name", "a string", value) }
    return name
  }

  fileprivate mutating func shared() throws(TrainingError) -> SharedOptions {
    var shared = SharedOptions(clipping: try clipping())
    shared.decay = try number("decay", default: 0)
    if let value = members["learning_rate"], value["class_name"] != nil {
      members["learning_rate"] = nil
      shared.schedule = try LearningRateSchedule(config: value)
    }
    if let value = members["weight_decay"], !value.isNull {
      // Keras 2 stores false in some versions for what is not set.
      let decay = value == false ? 0 : try number("weight_decay", default: 0)
      if decay != 0 { shared.weightDecay = decay }
      members["weight_decay"] = nil
    }
    let steps = try number("gradient_accumulation_steps", default: 0)
    if steps > 0 { shared.gradientAccumulationSteps = Int(steps) }
    let scale = try number("loss_scale_factor", default: 0)
    if scale != 0 { shared.lossScaleFactor = scale }
    let momentum = try number("ema_momentum", default: 0.99)
    let frequency = try number("ema_overwrite_frequency", default: 0)
    if try flag("use_ema") {
      shared.average = WeightAverage(
        momentum: momentum, overwriteFrequency: frequency > 0 ? Int(frequency) : nil)
    }
    return shared
  }

  private mutating func clipping() throws(TrainingError) -> GradientClipping? {
    let norm = try number("clipnorm", default: 0)
    let value = try number("clipvalue", default: 0)
    let global = try number("global_clipnorm", default: 0)
    // Keras refuses two at once where they are given, and uses the first of these in a file.
    if norm > 0 { return .norm(norm) }
    if global > 0 { return .globalNorm(global) }
    return value > 0 ? .value(value) : nil
  }

  /// Settings that have no effect while their switch is off, or none here at all.
  private static let idle: Set<String> = [
    "jit_compile", "is_legacy_optimizer", "__passive_serialization__",
  ]

  func refuseTheRest() throws(TrainingError) {
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where !Self.idle.contains(key) {
      let isOff = value.isNull || value.bool == false || value.double == 0
      if !isOff { throw TrainingError(.unsupported(option: key, value: value.text, of: owner)) }
    }
  }

  private func wrong(_ key: String, _ expected: String, _ found: JSON) -> TrainingError {
    TrainingError(
      .configuration(
        of: owner, expected: "\(expected) under \"\(key)\"", found: found.kindName))
  }
}

extension Optimizer {
  /// The stored form of a dialect.
  public func config(for dialect: Dialect) -> JSON {
    var config = options
    config["name"] = .string(name)
    // Keras keeps the rate in float32, and that is what it writes.
    config["learning_rate"] =
      shared.schedule?.config(for: dialect) ?? .number(Double(Float(learningRate)))
    // Keras 3 warns of a decay and goes on without; tf_keras has it in its older class alone, which
    // has no settings for averages.
    if decay != 0 { config["decay"] = .number(decay) }
    if dialect != .keras3, decay != 0 {
      config.merge(clippingConfig.filter { !$0.value.isNull }) { $1 }
      return ["class_name": .string(Self.className), "config": .object(config)]
    }
    config.merge(clippingConfig) { $1 }
    config["weight_decay"] = shared.weightDecay.map { .number($0) } ?? .null
    config["use_ema"] = .bool(shared.average != nil)
    config["ema_momentum"] = .number(shared.average?.momentum ?? 0.99)
    config["ema_overwrite_frequency"] = Self.count(shared.average?.overwriteFrequency)
    if dialect == .keras3 {
      config["loss_scale_factor"] = shared.lossScaleFactor.map { .number($0) } ?? .null
      config["gradient_accumulation_steps"] = Self.count(shared.gradientAccumulationSteps)
      return ["class_name": .string(Self.className), "config": .object(config)]
    }
    config["jit_compile"] = false
    config["is_legacy_optimizer"] = false
    return ["class_name": .string("Custom>" + Self.className), "config": .object(config)]
  }

  private static func count(_ count: Int?) -> JSON { count.map { .int($0) } ?? .null }

  private var clippingConfig: [String: JSON] {
    var config: [String: JSON] = ["clipnorm": .null, "clipvalue": .null, "global_clipnorm": .null]
    switch clipping {
    case .norm(let bound): config["clipnorm"] = .number(bound)
    case .value(let bound): config["clipvalue"] = .number(bound)
    case .globalNorm(let bound): config["global_clipnorm"] = .number(bound)
    case nil: break
    }
    return config
  }
}
