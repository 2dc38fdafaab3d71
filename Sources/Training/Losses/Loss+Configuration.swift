/// A loss as `training_config` states it, in the forms of Keras 1, 2 and 3.
public import KerasCheckpoint

extension Loss {
  /// Reads `"mse"`, `{"class_name": …, "config": {…}}`, or a list or an object of one of these (for
  /// the one output of the model).
  ///
  /// - Throws: `TrainingError` for a loss, an option or a form that is not known.
  public init(config: JSON) throws(TrainingError) {
    switch config {
    case .string(let name):
      try self.init(named: name)
    case .array(let losses):
      guard losses.count == 1 else { throw Self.manyOutputs(losses.count) }
      try self.init(config: losses[0])
    case .object(let members):
      if let className = members["class_name"]?.string {
        try self.init(className: className, options: members["config"] ?? .object([:]))
      } else if members.count == 1, let only = members.values.first {
        try self.init(config: only)
      } else {
        throw Self.manyOutputs(members.count)
      }
    default:
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
      case "reduction":
        // Without sample weights all of these are the mean over the elements.
        let means = ["sum_over_batch_size", "auto", "mean", "mean_with_sample_weight"]
        guard let reduction = value.string, means.contains(reduction) else {
          throw unsupported(key, value)
        }
      case "axis":
        guard value.int == -1 else { throw unsupported(key, value) }
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
    if self == Loss(function) { return .string(function.rawValue) }
    var options: JSON = ["name": .string(name), "reduction": "sum_over_batch_size"]
    if function.isCrossentropy { options["from_logits"] = .bool(fromLogits) }
    if function == .binaryCrossentropy || function == .categoricalCrossentropy {
      options["label_smoothing"] = .number(labelSmoothing)
      options["axis"] = -1
    }
    return ["class_name": .string(function.className), "config": options]
  }

  private func unsupported(_ option: String, _ value: JSON) -> TrainingError {
    TrainingError(.unsupported(option: option, value: value.text, of: "The loss \(name)"))
  }

  private static func manyOutputs(_ count: Int) -> TrainingError {
    TrainingError(
      .configuration(of: "the loss", expected: "one loss for one output", found: "\(count)"))
  }

  /// Whether a dtype, as a name or a policy, means float32.
  static func isFloat32(_ dtype: JSON) -> Bool {
    (dtype.string ?? dtype["config"]?["name"]?.string) == "float32"
  }
}
