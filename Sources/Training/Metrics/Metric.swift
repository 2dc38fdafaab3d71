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

  /// Whether it is a loss, reported; less of it is then better.
  package var isLoss: Bool { if case .loss = function { true } else { false } }
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
    default:
      guard let loss = Loss.Function(alias: alias) else { return nil }
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
    case .loss(let loss): loss.function.className
    }
  }

  var defaultName: String {
    switch self {
    case .accuracy: "accuracy"
    case .binaryAccuracy: "binary_accuracy"
    case .categoricalAccuracy: "categorical_accuracy"
    case .sparseCategoricalAccuracy: "sparse_categorical_accuracy"
    case .loss(let loss): loss.function.rawValue
    }
  }

  static let knownNames =
    ["acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"]
    + Loss.Function.allCases.map(\.rawValue)
}
