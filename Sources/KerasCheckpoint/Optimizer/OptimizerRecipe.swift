/// An optimizer by what its `optimizer_config` says: which slots it keeps.
struct OptimizerRecipe {
  enum Family {
    case sgd, adam, rmsprop
  }

  let family: Family
  /// `Adam`, without the `Custom>` of tf_keras.
  let className: String
  /// What its variables are named after: `adam`.
  let name: String
  let slots: [OptimizerSlot]

  /// - Throws: of kind `unsupportedOptimizer` for a class, or an option, whose state is not known.
  init(config: JSON) throws(CheckpointError) {
    let name = config["class_name"]?.string ?? ""
    className = Self.plainName(name)
    let options = config["config"] ?? [:]
    self.name = options["name"]?.string ?? className
    switch className.lowercased() {
    case "sgd":
      family = .sgd
      slots = options["momentum"]?.double ?? 0 == 0 ? [] : [.momentum]
    case "adam", "adamw":
      family = .adam
      slots =
        options["amsgrad"] == true ? [.momentum, .velocity, .velocityHat] : [.momentum, .velocity]
    case "rmsprop":
      family = .rmsprop
      let momentum: [OptimizerSlot] = options["momentum"]?.double ?? 0 > 0 ? [.momentum] : []
      let average: [OptimizerSlot] = options["centered"] == true ? [.averageGradient] : []
      slots = [.velocity] + momentum + average
    default:
      throw CheckpointError(.unsupportedOptimizer(className))
    }
    // Both keep more arrays, after those above.
    if options["use_ema"] == true {
      throw CheckpointError(.unsupportedOptimizer(className + " with \"use_ema\""))
    }
    if let steps = options["gradient_accumulation_steps"], !steps.isNull {
      throw CheckpointError(
        .unsupportedOptimizer(className + " with \"gradient_accumulation_steps\""))
    }
  }

  /// A class without the package it is registered under: `Adam` of `Custom>Adam`.
  static func plainName(_ name: String) -> String {
    name.split(separator: ">").last.map(String.init) ?? name
  }
}
