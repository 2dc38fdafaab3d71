/// What training minimises.

/// A loss function with its options, under Keras's names and with Keras's defaults.
///
/// The loss of a batch is the mean over all its elements. A cross-entropy takes probabilities, or
/// logits with `fromLogits`; where the model's last op is a sigmoid or a softmax, it is computed from
/// that op's operand either way, as Keras does, so a saturated output still has a gradient.
///
/// Source: `keras/src/losses/losses.py` and `keras/src/backend/tensorflow/nn.py` (Keras 3.15.1).
public struct Loss: Sendable, Hashable {
  public enum Function: String, Sendable, Hashable, CaseIterable {
    case binaryCrossentropy = "binary_crossentropy"
    case categoricalCrossentropy = "categorical_crossentropy"
    case sparseCategoricalCrossentropy = "sparse_categorical_crossentropy"
    case meanSquaredError = "mean_squared_error"
    case meanAbsoluteError = "mean_absolute_error"
    case meanAbsolutePercentageError = "mean_absolute_percentage_error"
    case meanSquaredLogarithmicError = "mean_squared_logarithmic_error"
    case cosineSimilarity = "cosine_similarity"
    case huber
    case logCosh = "log_cosh"
    case hinge
    case squaredHinge = "squared_hinge"
    case categoricalHinge = "categorical_hinge"
    case klDivergence = "kl_divergence"
    case poisson
    case binaryFocalCrossentropy = "binary_focal_crossentropy"
    case categoricalFocalCrossentropy = "categorical_focal_crossentropy"
    case categoricalGeneralizedCrossEntropy = "categorical_generalized_cross_entropy"
    case dice
    case tversky
  }

  /// How the losses of a batch become one number.
  public enum Reduction: String, Sendable, Hashable {
    /// The mean over everything.
    case mean = "sum_over_batch_size"
    /// The sum of the samples' losses.
    case sum
    /// The mean by the weights of the samples.
    case weightedMean = "mean_with_sample_weight"
    /// None: the sum is trained, and the mean reported.
    case none
  }

  public var function: Function

  /// Whether predictions are logits, not probabilities; only cross-entropies ask.
  public var fromLogits: Bool

  /// How far labels are moved towards even odds, from 0 to 1; only the binary and the categorical
  /// cross-entropy ask.
  public var labelSmoothing: Double

  public var reduction = Reduction.mean

  /// The axis of the classes; only the categorical and the sparse categorical cross-entropy ask.
  public var axis = -1

  /// A class number whose samples are passed over; only the sparse categorical cross-entropy asks.
  public var ignoreClass: Int?

  /// The numbers of a loss that has some, with Keras's defaults for its function.
  public var parameters: Parameters

  /// The name that Keras gives the loss object in a configuration.
  public var name: String

  public init(
    _ function: Function, fromLogits: Bool = false, labelSmoothing: Double = 0, name: String? = nil
  ) {
    self.function = function
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    parameters = Parameters(of: function)
    self.name = name ?? function.objectName
  }

  public static let binaryCrossentropy = Loss(.binaryCrossentropy)
  public static let categoricalCrossentropy = Loss(.categoricalCrossentropy)
  public static let sparseCategoricalCrossentropy = Loss(.sparseCategoricalCrossentropy)
  public static let meanSquaredError = Loss(.meanSquaredError)
  public static let meanAbsoluteError = Loss(.meanAbsoluteError)
  public static let meanAbsolutePercentageError = Loss(.meanAbsolutePercentageError)
  public static let meanSquaredLogarithmicError = Loss(.meanSquaredLogarithmicError)
  public static let cosineSimilarity = Loss(.cosineSimilarity)
  public static let huber = Loss(.huber)
  public static let logCosh = Loss(.logCosh)
  public static let hinge = Loss(.hinge)
  public static let squaredHinge = Loss(.squaredHinge)
  public static let categoricalHinge = Loss(.categoricalHinge)
  public static let klDivergence = Loss(.klDivergence)
  public static let poisson = Loss(.poisson)
  public static let binaryFocalCrossentropy = Loss(.binaryFocalCrossentropy)
  public static let categoricalFocalCrossentropy = Loss(.categoricalFocalCrossentropy)
  public static let dice = Loss(.dice)
  public static let tversky = Loss(.tversky)
  public static let mse = meanSquaredError
  public static let mae = meanAbsoluteError

  public static func binaryCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    Loss(.binaryCrossentropy, fromLogits: fromLogits, labelSmoothing: labelSmoothing)
  }

  public static func categoricalCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    Loss(.categoricalCrossentropy, fromLogits: fromLogits, labelSmoothing: labelSmoothing)
  }

  public static func sparseCategoricalCrossentropy(
    fromLogits: Bool = false, ignoreClass: Int? = nil
  ) -> Loss {
    var loss = Loss(.sparseCategoricalCrossentropy, fromLogits: fromLogits)
    loss.ignoreClass = ignoreClass
    return loss
  }

  /// The loss that Keras knows by `name`: `mse`, `mean_squared_error`, `MeanSquaredError`…
  ///
  /// - Throws: `TrainingError` of kind `unknown`.
  public init(named name: String) throws(TrainingError) {
    guard let function = Function(alias: name) else {
      throw TrainingError(
        .unknown(what: "loss", name: name, known: Function.allCases.map(\.rawValue)))
    }
    self.init(function)
  }
}

extension Loss.Function {
  /// The function under any of Keras's names for it.
  package init?(alias: String) {
    let long =
      switch alias {
      case "bce", "BCE": Self.binaryCrossentropy
      case "mse", "MSE": Self.meanSquaredError
      case "mae", "MAE": Self.meanAbsoluteError
      case "mape", "MAPE": Self.meanAbsolutePercentageError
      case "msle", "MSLE": Self.meanSquaredLogarithmicError
      case "kld", "KLD", "kullback_leibler_divergence": Self.klDivergence
      case "logcosh", "Logcosh": Self.logCosh
      case "huber_loss": Self.huber
      case "cosine_proximity", "cosine": Self.cosineSimilarity
      default: Self.allCases.first { $0.rawValue == alias || $0.className == alias }
      }
    guard let long else { return nil }
    self = long
  }

  /// The name of Keras's class.
  package var className: String {
    switch self {
    case .klDivergence: "KLDivergence"
    default:
      rawValue.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
  }

  /// The name of an object of the class that says no other.
  var objectName: String { self == .huber ? "huber_loss" : rawValue }

  /// Whether there may be logits in place of probabilities.
  package var takesLogits: Bool {
    switch self {
    case .binaryCrossentropy, .categoricalCrossentropy, .sparseCategoricalCrossentropy,
      .binaryFocalCrossentropy, .categoricalFocalCrossentropy:
      true
    default: false
    }
  }

  /// Whether classes may be along another axis than the last.
  var hasClassAxis: Bool {
    self == .categoricalCrossentropy || self == .sparseCategoricalCrossentropy
  }

  /// Whether labels may be moved towards even odds.
  package var smoothsLabels: Bool { takesLogits && !isSparse }

  /// Whether labels are class numbers.
  package var isSparse: Bool {
    self == .sparseCategoricalCrossentropy || self == .categoricalGeneralizedCrossEntropy
  }
}
