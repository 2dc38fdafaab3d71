/// A loss as `training_config` states it, in the forms of Keras 1, 2 and 3.
public import KerasCheckpoint

extension Loss {
  /// Reads `"mse"`, or `{"class_name": …, "config": {…}}`.
  ///
  /// - Throws: `TrainingError` for a loss, an option or a form that is not known.
  public init(config: JSON) throws(TrainingError) {
    if let name = config.string {
      try self.init(named: name)
    } else if let className = config["class_name"]?.string {
      try self.init(className: className, options: config["config"] ?? .object([:]))
    } else {
      throw TrainingError(
        .configuration(of: "the loss", expected: "a name or an object", found: config.kindName))
    }
  }

  private init(className: String, options: JSON) throws(TrainingError) {
    // A wrapper names the function that it wraps; its class says nothing.
    let isWrapper = className == "LossFunctionWrapper" || className == "function"
    let name = isWrapper ? (options["fn"] ?? options).string ?? className : className
    try self.init(named: name)
    guard let options = options.object else { return }
    for (key, value) in options where !value.isNull {
      switch key {
      case "name": self.name = value.string ?? self.name
      case "from_logits": fromLogits = value.bool ?? false
      case "label_smoothing": labelSmoothing = value.double ?? 0
      case "reduction": reduction = try Self.reduction(value, of: self)
      case "delta" where function == .huber: parameters.delta = value.double ?? 1
      case "alpha": parameters.alpha = value.double ?? parameters.alpha
      case "beta" where function == .tversky: parameters.beta = value.double ?? 0.5
      case "gamma": parameters.gamma = value.double ?? 2
      case "apply_class_balancing": parameters.balancesClasses = value.bool ?? false
      case "q": parameters.q = value.double ?? 0.5
      case "axis" where parameters.axes != nil || function == .dice || function == .tversky:
        parameters.axes = value.array?.compactMap(\.int) ?? value.int.map { [$0] }
      case "axis" where function.hasClassAxis: axis = value.int ?? -1
      case "axis":
        guard value.int == -1 else { throw unsupported(key, value) }
      case "ignore_class" where function == .sparseCategoricalCrossentropy:
        ignoreClass = value.int
      case "dtype":
        guard Self.isFloat32(value) else { throw unsupported(key, value) }
      case "fn": break
      default: throw unsupported(key, value)
      }
    }
  }

  /// The stored form, which Keras 2 and Keras 3 both read: a name where there are no options.
  ///
  /// Names are written in full, since Keras 3.15 cannot load `"mse"` again.
  public var config: JSON {
    if self == Loss(function), function != .categoricalGeneralizedCrossEntropy {
      return .string(function.rawValue)
    }
    var options: JSON = ["name": .string(name), "reduction": .string(reduction.rawValue)]
    if function.takesLogits { options["from_logits"] = .bool(fromLogits) }
    if function.smoothsLabels {
      options["label_smoothing"] = .number(labelSmoothing)
      options["axis"] = .int(axis)
    }
    let p = parameters
    switch function {
    case .sparseCategoricalCrossentropy:
      options["ignore_class"] = ignoreClass.map { .int($0) } ?? .null
      options["axis"] = .int(axis)
    case .huber: options["delta"] = .number(p.delta)
    case .binaryFocalCrossentropy, .categoricalFocalCrossentropy:
      options["alpha"] = .number(p.alpha)
      options["gamma"] = .number(p.gamma)
      if function == .binaryFocalCrossentropy {
        options["apply_class_balancing"] = .bool(p.balancesClasses)
      }
    case .categoricalGeneralizedCrossEntropy: options["q"] = .number(p.q)
    case .cosineSimilarity: options["axis"] = .int(p.axes?.first ?? -1)
    case .dice, .tversky:
      options["axis"] = p.axes.map { .array($0.map { .int($0) }) } ?? .null
      if function == .tversky {
        options["alpha"] = .number(p.alpha)
        options["beta"] = .number(p.beta)
      }
    default: break
    }
    var config: JSON = ["class_name": .string(function.className), "config": options]
    // The one class that Keras does not find by its name alone.
    if function == .categoricalGeneralizedCrossEntropy { config["module"] = "keras.losses" }
    return config
  }

  private static func reduction(
    _ value: JSON, of loss: Loss
  ) throws(TrainingError) -> Reduction {
    switch value.string {
    // tf_keras lets its trainer choose, which takes the mean.
    case "auto", "mean": return .mean
    case let name?:
      guard let known = Reduction(rawValue: name) else { fallthrough }
      return known
    default: throw loss.unsupported("reduction", value)
    }
  }

  private func unsupported(_ option: String, _ value: JSON) -> TrainingError {
    TrainingError(.unsupported(option: option, value: value.text, of: "The loss \(name)"))
  }

  /// Whether a dtype, as a name or a policy, means float32.
  static func isFloat32(_ dtype: JSON) -> Bool {
    (dtype.string ?? dtype["config"]?["name"]?.string) == "float32"
  }
}
