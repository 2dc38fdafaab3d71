/// What is reported of training besides the loss.

/// A metric under Keras's names. Its name, as it was given, is its key in logs and histories: `acc`
/// stays `acc`.
///
/// Source: `keras/src/metrics/accuracy_metrics.py` and `keras/src/trainers/compile_utils.py`
/// (Keras 3.15.1).
public struct Metric: Sendable, Hashable {
  public enum Function: Sendable, Hashable {
    /// Binary, categorical or sparse categorical accuracy, as labels and predictions are shaped.
    case accuracy
    /// The share of predictions on the label's side of the threshold.
    case binaryAccuracy(threshold: Double)
    /// The share of rows whose largest prediction is at the one-hot label's largest element.
    case categoricalAccuracy
    /// The share of rows whose largest prediction is at the label's class number.
    case sparseCategoricalAccuracy
    /// The share of rows whose label is among the k largest predictions; labels are class numbers if
    /// `isSparse`.
    case topKAccuracy(k: Int, isSparse: Bool)
    /// The root of the mean squared error over all batches.
    case rootMeanSquaredError
    /// Σ y p / (‖y‖ ‖p‖); the loss of the name is its negative.
    case cosineSimilarity(axis: Int)
    /// Counts of predictions above thresholds, and what follows from them.
    case counts(Counts)
    /// A loss, reported.
    case loss(Loss)
  }

  public var function: Function
  public var name: String

  public init(_ function: Function, name: String? = nil) {
    self.function = function
    self.name = name ?? function.defaultName
  }

  /// Accuracy under the name `acc`.
  public static let acc = Metric(.accuracy, name: "acc")
  public static let accuracy = Metric(.accuracy)
  public static let precision = Metric(.counts(Counts(.precision)))
  public static let recall = Metric(.counts(Counts(.recall)))
  public static let auc = Metric(.counts(Counts(.auc)))
  public static let rootMeanSquaredError = Metric(.rootMeanSquaredError)
  public static let cosineSimilarity = Metric(.cosineSimilarity(axis: -1))
  public static let categoricalAccuracy = Metric(.categoricalAccuracy)
  public static let sparseCategoricalAccuracy = Metric(.sparseCategoricalAccuracy)
  public static let mse = Metric(.loss(.mse), name: "mse")
  public static let mae = Metric(.loss(.mae), name: "mae")
  public static let binaryCrossentropy = Metric(.loss(.binaryCrossentropy))

  public static func binaryAccuracy(threshold: Double = 0.5, name: String? = nil) -> Metric {
    Metric(.binaryAccuracy(threshold: threshold), name: name)
  }

  /// The metric that Keras knows by `name`, which it keeps: `acc`, `mse`, `BinaryAccuracy`…
  ///
  /// - Throws: `TrainingError` of kind `unknown`.
  public init(named name: String) throws(TrainingError) {
    guard let function = Function(alias: name) else {
      throw TrainingError(.unknown(what: "metric", name: name, known: Function.knownNames))
    }
    self.init(function, name: name)
  }

  public static func topKCategoricalAccuracy(k: Int = 5, name: String? = nil) -> Metric {
    Metric(.topKAccuracy(k: k, isSparse: false), name: name)
  }

  public static func sparseTopKCategoricalAccuracy(k: Int = 5, name: String? = nil) -> Metric {
    Metric(.topKAccuracy(k: k, isSparse: true), name: name)
  }

  /// The loss that the program of a step computes for it; nil for what is counted.
  package var loss: Loss? {
    switch function {
    case .loss(let loss): return loss
    case .rootMeanSquaredError: return .meanSquaredError
    case .cosineSimilarity(let axis):
      var loss = Loss.cosineSimilarity
      loss.parameters.axes = [axis]
      return loss
    default: return nil
    }
  }

  /// Whether less of it is better.
  package var isLess: Bool {
    switch function {
    case .loss, .rootMeanSquaredError: true
    case .counts(let counts): counts.kind == .falsePositives || counts.kind == .falseNegatives
    default: false
    }
  }

  /// What a batch adds to the sums of an epoch, from the mean over its samples.
  package func sums(mean: Double, samples: Int) -> [Double] {
    [mean * Double(samples), Double(samples)]
  }

  /// The metric of the sums over an epoch; 0 before anything was added.
  package func result(_ sums: [Double]) -> Double {
    if case .counts(let counts) = function { return sums.isEmpty ? 0 : counts.result(sums) }
    guard sums.count == 2, sums[1] > 0 else { return 0 }
    let mean = sums[0] / sums[1]
    switch function {
    case .rootMeanSquaredError: return mean.squareRoot()
    case .cosineSimilarity: return -mean
    default: return mean
    }
  }
}

extension Metric.Function {
  /// The function under any of Keras's names for it.
  package init?(alias: String) {
    switch alias {
    case _ where ["acc", "accuracy"].contains(alias.lowercased()): self = .accuracy
    case "binary_accuracy", "BinaryAccuracy": self = .binaryAccuracy(threshold: 0.5)
    case "categorical_accuracy", "CategoricalAccuracy": self = .categoricalAccuracy
    case "sparse_categorical_accuracy", "SparseCategoricalAccuracy":
      self = .sparseCategoricalAccuracy
    case "top_k_categorical_accuracy", "TopKCategoricalAccuracy":
      self = .topKAccuracy(k: 5, isSparse: false)
    case "sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy":
      self = .topKAccuracy(k: 5, isSparse: true)
    case "RootMeanSquaredError", "root_mean_squared_error": self = .rootMeanSquaredError
    case "CosineSimilarity", "cosine_similarity": self = .cosineSimilarity(axis: -1)
    case "LogCoshError", "logcosh_error": self = .loss(.logCosh)
    default:
      if let kind = Metric.Counts.Kind.allCases.first(where: {
        $0.rawValue == alias || $0.defaultName == alias
      }) {
        self = .counts(Metric.Counts(kind))
        return
      }
      guard let loss = Loss.Function(alias: alias), loss.isMetric else { return nil }
      self = .loss(Loss(loss))
    }
  }

  /// The name of Keras's class; nil for the accuracy that is still to be resolved.
  var className: String? {
    switch self {
    case .accuracy: nil
    case .binaryAccuracy: "BinaryAccuracy"
    case .categoricalAccuracy: "CategoricalAccuracy"
    case .sparseCategoricalAccuracy: "SparseCategoricalAccuracy"
    case .topKAccuracy(_, let isSparse):
      isSparse ? "SparseTopKCategoricalAccuracy" : "TopKCategoricalAccuracy"
    case .rootMeanSquaredError: "RootMeanSquaredError"
    case .cosineSimilarity: "CosineSimilarity"
    case .counts(let counts): counts.kind.rawValue
    case .loss(let loss):
      loss.function == .logCosh ? "LogCoshError" : loss.function.className
    }
  }

  var defaultName: String {
    switch self {
    case .accuracy: "accuracy"
    case .binaryAccuracy: "binary_accuracy"
    case .categoricalAccuracy: "categorical_accuracy"
    case .sparseCategoricalAccuracy: "sparse_categorical_accuracy"
    case .topKAccuracy(_, let isSparse):
      isSparse ? "sparse_top_k_categorical_accuracy" : "top_k_categorical_accuracy"
    case .rootMeanSquaredError: "root_mean_squared_error"
    case .cosineSimilarity: "cosine_similarity"
    case .counts(let counts): counts.kind.defaultName
    case .loss(let loss): loss.function == .logCosh ? "logcosh" : loss.function.rawValue
    }
  }

  static let knownNames =
    [
      "acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
      "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy", "RootMeanSquaredError",
      "CosineSimilarity",
    ]
    + Metric.Counts.Kind.allCases.map(\.rawValue)
    + Loss.Function.allCases.filter(\.isMetric).map(\.rawValue)
}

extension Loss.Function {
  /// Whether Keras has a metric of the function.
  var isMetric: Bool {
    switch self {
    case .binaryFocalCrossentropy, .categoricalFocalCrossentropy,
      .categoricalGeneralizedCrossEntropy, .cosineSimilarity, .dice, .huber, .tversky:
      false
    default: true
    }
  }
}
