/// Metrics as `training_config` states them, in the forms of Keras 1, 2 and 3.
public import KerasCheckpoint

extension Metric {
  /// Reads `["acc"]`, `[["acc"]]`, `{"output": ["acc"]}`, one name alone, or serialised objects in
  /// the place of names.
  ///
  /// - Throws: `TrainingError` for a metric, an option or a form that is not known.
  public static func metrics(config: JSON) throws(TrainingError) -> [Metric] {
    switch config {
    case .null: return []
    case .string(let name): return [try Metric(named: name)]
    case .array(let elements):
      var metrics: [Metric] = []
      for element in elements { metrics += try Self.metrics(config: element) }
      return metrics
    case .object(let members):
      if let className = members["class_name"]?.string {
        return [try Metric(className: className, options: members["config"] ?? .null)]
      }
      guard members.count <= 1 else {
        throw TrainingError(
          .configuration(
            of: "the metrics", expected: "metrics of one output",
            found: "\(members.count) outputs"))
      }
      return try members.values.first.map { value throws(TrainingError) in
        try Self.metrics(config: value)
      } ?? []
    default:
      throw TrainingError(
        .configuration(of: "the metrics", expected: "a list of names", found: config.kindName))
    }
  }

  private init(className: String, options: JSON) throws(TrainingError) {
    let function = options["fn"]?.string ?? options["fn"]?["config"]?.string
    let wrapped = className == "MeanMetricWrapper" ? function : nil
    try self.init(named: wrapped ?? options.string ?? className)
    name = options["name"]?.string ?? self.function.defaultName
    for (key, value) in options.object ?? [:] where !value.isNull {
      switch (key, self.function) {
      case ("name", _), ("fn", _): break
      case ("dtype", _) where Loss.isFloat32(value): break
      case ("threshold", .binaryAccuracy):
        guard let threshold = value.double else { throw unsupported(key, value) }
        self.function = .binaryAccuracy(threshold: threshold)
      case ("from_logits", .loss(var loss)):
        loss.fromLogits = value.bool ?? false
        self.function = .loss(loss)
      case ("label_smoothing", .loss(var loss)):
        loss.labelSmoothing = value.double ?? 0
        self.function = .loss(loss)
      case ("axis", .loss) where value.int == -1: break
      default: throw unsupported(key, value)
      }
    }
  }

  private func unsupported(_ option: String, _ value: JSON) -> TrainingError {
    TrainingError(.unsupported(option: option, value: value.text, of: "The metric \(name)"))
  }

  /// The stored form, which Keras 2 and Keras 3 both read and which keeps the name. Names alone are
  /// written where they come back as they are; Keras renames an `mse` that it reads.
  public var config: JSON {
    guard let className = function.className else { return .string(name) }
    if self == Metric(function.plain) { return .string(name) }
    var options: JSON = ["name": .string(name), "dtype": "float32"]
    switch function {
    case .binaryAccuracy(let threshold):
      options["threshold"] = .number(threshold)
    case .loss(let loss) where loss.function.takesLogits:
      options["from_logits"] = .bool(loss.fromLogits)
      if loss.function.smoothsLabels { options["label_smoothing"] = .number(loss.labelSmoothing) }
    default: break
    }
    return ["class_name": .string(className), "config": options]
  }
}

extension Metric.Function {
  /// The same function without options.
  fileprivate var plain: Self {
    switch self {
    case .binaryAccuracy: .binaryAccuracy(threshold: 0.5)
    case .loss(let loss): .loss(Loss(loss.function))
    default: self
    }
  }
}
