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
  }

  public var function: Function

  /// Whether predictions are logits, not probabilities; only cross-entropies ask.
  public var fromLogits: Bool

  /// How far labels are moved towards even odds, from 0 to 1; only the binary and the categorical
  /// cross-entropy ask.
  public var labelSmoothing: Double

  /// The name that Keras gives the loss object in a configuration.
  public var name: String

  public init(
    _ function: Function, fromLogits: Bool = false, labelSmoothing: Double = 0, name: String? = nil
  ) {
    self.function = function
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.name = name ?? function.rawValue
  }

  public static let binaryCrossentropy = Loss(.binaryCrossentropy)
  public static let categoricalCrossentropy = Loss(.categoricalCrossentropy)
  public static let sparseCategoricalCrossentropy = Loss(.sparseCategoricalCrossentropy)
  public static let meanSquaredError = Loss(.meanSquaredError)
  public static let meanAbsoluteError = Loss(.meanAbsoluteError)
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

  public static func sparseCategoricalCrossentropy(fromLogits: Bool) -> Loss {
    Loss(.sparseCategoricalCrossentropy, fromLogits: fromLogits)
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
    switch alias {
    case "bce", "BCE": self = .binaryCrossentropy
    case "mse", "MSE": self = .meanSquaredError
    case "mae", "MAE": self = .meanAbsoluteError
    default:
      guard
        let function = Self.allCases.first(where: { $0.rawValue == alias || $0.className == alias })
      else { return nil }
      self = function
    }
  }

  /// The name of Keras's class.
  package var className: String {
    switch self {
    case .binaryCrossentropy: "BinaryCrossentropy"
    case .categoricalCrossentropy: "CategoricalCrossentropy"
    case .sparseCategoricalCrossentropy: "SparseCategoricalCrossentropy"
    case .meanSquaredError: "MeanSquaredError"
    case .meanAbsoluteError: "MeanAbsoluteError"
    }
  }

  package var isCrossentropy: Bool { self != .meanSquaredError && self != .meanAbsoluteError }

  /// Whether labels are class numbers.
  package var isSparse: Bool { self == .sparseCategoricalCrossentropy }
}
