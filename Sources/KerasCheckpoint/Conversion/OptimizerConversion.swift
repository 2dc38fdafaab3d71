/// Rewrites an `optimizer_config` for other readers.
///
/// The name of the class says which code of tf_keras runs it: `Custom>Adam` is the optimizer of
/// today, `Adam` the one before 2.11, which takes fewer options. Keras 3 knows `Adam` alone.
struct OptimizerConversion {
  let readers: Readers

  /// What was left out, a sentence each.
  private(set) var notes: [String] = []

  init(readers: Readers) { self.readers = readers }

  /// Classes that Keras 2 lacks.
  private static let onlyKeras3: Set = ["Lamb", "Muon", "ScheduleFreeAdamW", "MultiOptimizer"]

  /// Classes that the older code of Keras 2 has.
  private static let older: Set = [
    "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "RMSprop", "SGD",
  ]

  /// Options that do nothing unless set: left out for both, since the older code refuses them.
  private static let optional = [
    "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "loss_scale_factor",
    "gradient_accumulation_steps", "ema_overwrite_frequency",
  ]

  mutating func optimizer(_ optimizer: JSON) throws(CheckpointError) -> JSON {
    guard let name = optimizer["class_name"]?.string, var config = optimizer["config"] else {
      return optimizer
    }
    let className = OptimizerRecipe.plainName(name)
    let isMissing =
      readers == .both
      ? !Self.older.contains(className)
      : readers == .keras2 && Self.onlyKeras3.contains(className)
    if isMissing {
      throw CheckpointError(.unconvertible(what: "the optimizer \(className)", to: readers.name))
    }
    if let rate = config["lr"] {
      config["lr"] = nil
      config["learning_rate"] = rate
    }
    for key in ["loss_scale_factor", "gradient_accumulation_steps"] where readers != .keras3 {
      try dropIdle(key, of: className, from: &config)
    }
    var optimizer = optimizer
    let decay = config["decay"]?.double ?? 0
    switch readers {
    case .keras2:
      // A decay that is not zero is the older code's, and stays with it.
      guard decay == 0 else { break }
      config["decay"] = nil
      config["jit_compile"] = config["jit_compile"] ?? false
      config["is_legacy_optimizer"] = false
      optimizer["class_name"] = .string("Custom>" + className)
    case .keras3, .both:
      config["jit_compile"] = nil
      config["is_legacy_optimizer"] = nil
      if readers == .keras3 || decay == 0 { config["decay"] = nil }
      if readers == .keras3, decay != 0 {
        notes.append(
          "The optimizer's \"decay\" of \(decay) is left out, since Keras 3 has none; its learning "
            + "rate stays what it is.")
      }
      optimizer["class_name"] = .string(className)
    }
    if readers == .both {
      for key in Self.optional where config[key]?.isNull == true { config[key] = nil }
      if config["use_ema"] == false {
        config["use_ema"] = nil
        config["ema_momentum"] = nil
        config["ema_overwrite_frequency"] = nil
      }
      for key in ["weight_decay", "use_ema"] where config[key] != nil {
        throw CheckpointError(
          .unconvertible(what: "the optimizer \(className) with \"\(key)\"", to: readers.name))
      }
    }
    optimizer["config"] = config
    return optimizer
  }

  private func dropIdle(
    _ key: String, of className: String, from config: inout JSON
  ) throws(CheckpointError) {
    guard let value = config[key] else { return }
    guard value.isNull || value.double == 0 else {
      throw CheckpointError(
        .unconvertible(
          what: "the optimizer \(className) with \"\(key)\": \(value.text)", to: readers.name))
    }
    config[key] = nil
  }
}
