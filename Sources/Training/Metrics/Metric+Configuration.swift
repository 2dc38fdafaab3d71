/// Metrics as `training_config` states them, in the forms of Keras 1, 2 and 3.
public import KerasCheckpoint

extension Metric {
  /// Reads the metrics of one output: `["acc"]`, one name alone, or serialised objects in the place of
  /// names.
  ///
  /// - Throws: `TrainingError` for a metric, an option or a form that is not known.
  public static func metrics(config: JSON) throws(TrainingError) -> [Metric] {
    if config.isNull { return [] }
    if let name = config.string { return [try Metric(named: name)] }
    if let elements = config.array {
      var metrics: [Metric] = []
      for element in elements { metrics += try Self.metrics(config: element) }
      return metrics
    }
    guard let className = config["class_name"]?.string else {
      throw TrainingError(
        .configuration(of: "the metrics", expected: "a list of names", found: config.kindName))
    }
    return [try Metric(className: className, options: config["config"] ?? .null)]
  }

  private init(className: String, options: JSON) throws(TrainingError) {
    let function = options["fn"]?.string ?? options["fn"]?["config"]?.string
    let wrapped = className == "MeanMetricWrapper" ? function : nil
    try self.init(named: wrapped ?? options.string ?? className)
    if className == "Accuracy", options["fn"] == nil { self.function = .equality }
    name = options["name"]?.string ?? self.function.defaultName
    // In the order of their names, since thresholds that are given go before their number.
    for (key, value) in (options.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      try read(key, value)
    }
  }

  private mutating func read(_ key: String, _ value: JSON) throws(TrainingError) {
    switch (key, function) {
    case _ where value.isNull: break
    case ("name", _), ("fn", _): break
    // Counts may be whole numbers.
    case ("dtype", _) where Loss.isFloat32(value) || function.epoch != nil: break
    case ("k", .topKAccuracy(_, let isSparse)):
      function = .topKAccuracy(k: value.int ?? 5, isSparse: isSparse)
    case ("axis", .cosineSimilarity): function = .cosineSimilarity(axis: value.int ?? -1)
    case ("threshold", .binaryAccuracy):
      guard let threshold = value.double else { throw unsupported(key, value) }
      function = .binaryAccuracy(threshold: threshold)
    case ("from_logits", .loss(var loss)):
      loss.fromLogits = value.bool ?? false
      function = .loss(loss)
    case ("label_smoothing", .loss(var loss)):
      loss.labelSmoothing = value.double ?? 0
      function = .loss(loss)
    case ("axis", .loss(var loss)) where loss.function.hasClassAxis:
      loss.axis = value.int ?? -1
      function = .loss(loss)
    case ("axis", .loss) where value.int == -1: break
    default:
      guard function.read(key, value) else { throw unsupported(key, value) }
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
    case .loss(let loss) where loss.function.takesLogits:
      options["from_logits"] = .bool(loss.fromLogits)
      if loss.function.smoothsLabels { options["label_smoothing"] = .number(loss.labelSmoothing) }
      if loss.function.hasClassAxis { options["axis"] = .int(loss.axis) }
    default:
      for (key, value) in function.epoch?.options ?? [:] { options[key] = value }
    }
    return ["class_name": .string(className), "config": options]
  }
}

extension Metric.Function {
  /// Takes an option of a metric that is counted over an epoch.
  ///
  /// - Returns: false for what is not known.
  fileprivate mutating func read(_ key: String, _ value: JSON) -> Bool {
    switch self {
    case .counts(var metric):
      guard metric.read(key, value) else { return false }
      self = .counts(metric)
    case .fScore(var metric):
      guard metric.read(key, value) else { return false }
      self = .fScore(metric)
    case .intersectionOverUnion(var metric):
      guard metric.read(key, value) else { return false }
      self = .intersectionOverUnion(metric)
    case .r2Score(var metric):
      guard metric.read(key, value) else { return false }
      self = .r2Score(metric)
    case .correlation(var metric):
      guard metric.read(key, value) else { return false }
      self = .correlation(metric)
    default: return false
    }
    return true
  }

  fileprivate var isClassOnly: Bool {
    switch self {
    case .equality, .rootMeanSquaredError, .cosineSimilarity: true
    default: epoch != nil
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
