/// An optimizer as `training_config` states it, in the forms of Keras 1, 2 and 3.
public import KerasCheckpoint

/// Every optimizer, by its class in Keras.
public enum OptimizerCatalogue {
  package static let all: [any Optimizer.Type] = [Adam.self, RMSprop.self, SGD.self]

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
    let clipping = try options.clipping()
    let decay = try options.number("decay", default: 0)
    let name = try options.name()
    var optimizer = try Self(options: &options)
    optimizer.clipping = clipping
    optimizer.decay = decay
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

  public mutating func flag(_ key: String) throws(TrainingError) -> Bool {
    guard let value = members.removeValue(forKey: key), !value.isNull else { return false }
    guard let flag = value.bool else { throw wrong(key, "a boolean", value) }
    return flag
  }

  /// The learning rate, which Keras 1 and 2.2 call `lr`.
  public mutating func learningRate(default standard: Double) throws(TrainingError) -> Double {
    if let schedule = members["learning_rate"], let name = schedule["class_name"]?.string {
      throw TrainingError(.unsupported(option: "learning_rate", value: name, of: owner))
    }
    let old = try number("lr", default: standard)
    return try number("learning_rate", default: old)
  }

  fileprivate mutating func name() throws(TrainingError) -> String? {
    guard let value = members.removeValue(forKey: "name"), !value.isNull else { return nil }
    guard let name = value.string else { throw wrong("name", "a string", value) }
    return name
  }

  fileprivate mutating func clipping() throws(TrainingError) -> GradientClipping? {
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
    "ema_momentum", "ema_overwrite_frequency", "jit_compile", "is_legacy_optimizer",
    "__passive_serialization__",
  ]

  fileprivate func refuseTheRest() throws(TrainingError) {
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
    config["learning_rate"] = .number(Double(Float(learningRate)))
    // Keras 3 warns of a decay and goes on without; tf_keras has it in its older class alone, which
    // has no settings for averages.
    if decay != 0 { config["decay"] = .number(decay) }
    if dialect != .keras3, decay != 0 {
      config.merge(clippingConfig.filter { !$0.value.isNull }) { $1 }
      return ["class_name": .string(Self.className), "config": .object(config)]
    }
    config.merge(clippingConfig) { $1 }
    config["weight_decay"] = .null
    config["use_ema"] = false
    config["ema_momentum"] = 0.99
    config["ema_overwrite_frequency"] = .null
    if dialect == .keras3 {
      config["loss_scale_factor"] = .null
      config["gradient_accumulation_steps"] = .null
      return ["class_name": .string(Self.className), "config": .object(config)]
    }
    config["jit_compile"] = false
    config["is_legacy_optimizer"] = false
    return ["class_name": .string("Custom>" + Self.className), "config": .object(config)]
  }

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
