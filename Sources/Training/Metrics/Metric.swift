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
    /// The share of predictions that are their labels, Keras's class `Accuracy`.
    case equality
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
    case counts(Counts)
    case fScore(FScore)
    case intersectionOverUnion(IntersectionOverUnion)
    case r2Score(R2Score)
    case correlation(Correlation)
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
  public static let f1Score = Metric(.fScore(FScore()))
  public static let r2Score = Metric(.r2Score(R2Score()))
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
}
