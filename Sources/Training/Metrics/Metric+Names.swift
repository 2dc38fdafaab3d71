/// Metrics by Keras's names.

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
      if let known = Self.ofEpochs.first(where: {
        $0.className == alias || $0.defaultName == alias
      }) {
        self = known
        return
      }
      guard let loss = Loss.Function(alias: alias), loss.isMetric else { return nil }
      self = .loss(Loss(loss))
    }
  }

  /// What is counted over an epoch, with Keras's defaults.
  private static let ofEpochs: [Self] =
    Metric.Counts.Kind.allCases.map { .counts(Metric.Counts($0)) }
    + [.fScore(Metric.FScore()), .fScore(Metric.FScore(beta: 1))]
    + Metric.IntersectionOverUnion.Kind.allCases.map {
      .intersectionOverUnion(Metric.IntersectionOverUnion($0))
    }
    + [.r2Score(Metric.R2Score())]
    + Metric.Correlation.Kind.allCases.map { .correlation(Metric.Correlation($0)) }

  /// What is counted over an epoch; nil for a mean.
  var epoch: (any EpochMetric)? {
    switch self {
    case .counts(let metric): metric
    case .fScore(let metric): metric
    case .intersectionOverUnion(let metric): metric
    case .r2Score(let metric): metric
    case .correlation(let metric): metric
    default: nil
    }
  }

  /// The name of Keras's class; nil for the accuracy that is still to be resolved.
  var className: String? {
    switch self {
    case .accuracy: nil
    case .equality: "Accuracy"
    case .binaryAccuracy: "BinaryAccuracy"
    case .categoricalAccuracy: "CategoricalAccuracy"
    case .sparseCategoricalAccuracy: "SparseCategoricalAccuracy"
    case .topKAccuracy(_, let isSparse):
      isSparse ? "SparseTopKCategoricalAccuracy" : "TopKCategoricalAccuracy"
    case .rootMeanSquaredError: "RootMeanSquaredError"
    case .cosineSimilarity: "CosineSimilarity"
    case .counts, .fScore, .intersectionOverUnion, .r2Score, .correlation: epoch?.className
    case .loss(let loss):
      loss.function == .logCosh ? "LogCoshError" : loss.function.className
    }
  }

  var defaultName: String {
    switch self {
    case .accuracy, .equality: "accuracy"
    case .binaryAccuracy: "binary_accuracy"
    case .categoricalAccuracy: "categorical_accuracy"
    case .sparseCategoricalAccuracy: "sparse_categorical_accuracy"
    case .topKAccuracy(_, let isSparse):
      isSparse ? "sparse_top_k_categorical_accuracy" : "top_k_categorical_accuracy"
    case .rootMeanSquaredError: "root_mean_squared_error"
    case .cosineSimilarity: "cosine_similarity"
    case .counts, .fScore, .intersectionOverUnion, .r2Score, .correlation:
      epoch?.defaultName ?? ""
    case .loss(let loss): loss.function == .logCosh ? "logcosh" : loss.function.rawValue
    }
  }

  static let knownNames =
    [
      "acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
      "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy", "RootMeanSquaredError",
      "CosineSimilarity",
    ]
    + ofEpochs.compactMap(\.className)
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
