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
      case ("k", .topKAccuracy(_, let isSparse)):
        self.function = .topKAccuracy(k: value.int ?? 5, isSparse: isSparse)
      case ("axis", .cosineSimilarity): self.function = .cosineSimilarity(axis: value.int ?? -1)
      case (_, .counts(var counts)):
        guard try counts.read(key, value, of: name) else { throw unsupported(key, value) }
        self.function = .counts(counts)
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
    // Keras finds no function under the names of what is counted.
    if self == Metric(function.plain), !function.isClassOnly { return .string(name) }
    var options: JSON = ["name": .string(name), "dtype": "float32"]
    switch function {
    case .binaryAccuracy(let threshold):
      options["threshold"] = .number(threshold)
    case .topKAccuracy(let k, _): options["k"] = .int(k)
    case .cosineSimilarity(let axis): options["axis"] = .int(axis)
    case .counts(let counts): counts.write(to: &options)
    case .loss(let loss) where loss.function.takesLogits:
      options["from_logits"] = .bool(loss.fromLogits)
      if loss.function.smoothsLabels { options["label_smoothing"] = .number(loss.labelSmoothing) }
    default: break
    }
    return ["class_name": .string(className), "config": options]
  }
}

extension Metric.Counts {
  /// Takes an option from a stored configuration.
  ///
  /// - Returns: false for what is not known.
  fileprivate mutating func read(
    _ key: String, _ value: JSON, of name: String
  ) throws(TrainingError) -> Bool {
    switch key {
    case "thresholds":
      guard let bounds = value.array?.compactMap(\.double) ?? value.double.map({ [$0] }),
        kind.isOfCurve || bounds.count == 1
      else { return false }
      thresholds = kind.isOfCurve ? [-1e-7] + bounds.sorted() + [1 + 1e-7] : bounds
    case "num_thresholds" where kind.isOfCurve:
      // Thresholds that are given go before their number, which is with them in a file.
      guard thresholds == Self.thresholds(thresholds.count), let count = value.int, count > 1 else {
        break
      }
      thresholds = Self.thresholds(count)
    case "class_id": classID = value.int
    case "curve":
      guard let known = value.string.flatMap(Curve.init) else { return false }
      curve = known
    case "summation_method":
      guard let known = value.string.flatMap(Summation.init) else { return false }
      summation = known
    case "from_logits": fromLogits = value.bool ?? false
    case "specificity", "sensitivity", "recall", "precision": bound = value.double ?? 0
    case "multi_label": return value == false
    default: return false
    }
    return true
  }

  fileprivate func write(to options: inout JSON) {
    switch kind {
    case .auc:
      options["num_thresholds"] = .int(thresholds.count)
      options["curve"] = .string(curve.rawValue)
      options["summation_method"] = .string(summation.rawValue)
      options["from_logits"] = .bool(fromLogits)
      if thresholds != Self.thresholds(thresholds.count) {
        options["thresholds"] = .array(thresholds.dropFirst().dropLast().map { .number($0) })
      }
    case .sensitivityAtSpecificity: options["specificity"] = .number(bound)
    case .specificityAtSensitivity: options["sensitivity"] = .number(bound)
    case .precisionAtRecall: options["recall"] = .number(bound)
    case .recallAtPrecision: options["precision"] = .number(bound)
    default:
      options["thresholds"] = thresholds == [0.5] ? .null : .array(thresholds.map { .number($0) })
    }
    if kind.isOfCurve, kind != .auc { options["num_thresholds"] = .int(thresholds.count) }
    if let classID { options["class_id"] = .int(classID) }
  }
}

extension Metric.Function {
  fileprivate var isClassOnly: Bool {
    switch self {
    case .counts, .rootMeanSquaredError, .cosineSimilarity: true
    default: false
    }
  }

  /// The same function without options.
  fileprivate var plain: Self {
    switch self {
    case .binaryAccuracy: .binaryAccuracy(threshold: 0.5)
    case .loss(let loss): .loss(Loss(loss.function))
    case .topKAccuracy(_, let isSparse): .topKAccuracy(k: 5, isSparse: isSparse)
    default: self
    }
  }
}
