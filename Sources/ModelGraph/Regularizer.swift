/// What the sizes of weights add to the loss.
public import KerasCheckpoint

/// A penalty of each weight that is trained, or of each result of a layer.
///
///     L1, L2, L1L2  l1 · Σ|w| + l2 · Σw²
///     orthogonal    factor · Σ |cosine of two rows| / pairs,  of a matrix, each pair once; or of columns
///
/// Source: `keras/src/regularizers/regularizers.py` (Keras 3.15.1).
public struct Regularizer: Sendable, Hashable {
  /// The stored configuration.
  public let json: JSON
  /// What is added; nil for a regularizer that is not supported.
  public let rule: Rule?

  public enum Rule: Sendable, Hashable {
    case sizes(Factors)
    case orthogonal(factor: Double, ofRows: Bool)
  }

  /// The two factors, for a regularizer by sizes.
  public var factors: Factors? {
    if case .sizes(let factors)? = rule { factors } else { nil }
  }

  public struct Factors: Sendable, Hashable {
    public let l1: Double
    public let l2: Double

    public init(l1: Double, l2: Double) {
      self.l1 = l1
      self.l2 = l2
    }
  }

  private init(className: String, config: [String: JSON], _ rule: Rule) {
    json = .object([
      "module": "keras.regularizers", "class_name": .string(className),
      "config": .object(config), "registered_name": .null,
    ])
    self.rule = rule
  }

  public static func l1(_ factor: Double = 0.01) -> Regularizer {
    .init(className: "L1", config: ["l1": .number(factor)], .sizes(Factors(l1: factor, l2: 0)))
  }

  public static func l2(_ factor: Double = 0.01) -> Regularizer {
    .init(className: "L2", config: ["l2": .number(factor)], .sizes(Factors(l1: 0, l2: factor)))
  }

  public static func l1l2(l1: Double = 0, l2: Double = 0) -> Regularizer {
    .init(
      className: "L1L2", config: ["l1": .number(l1), "l2": .number(l2)],
      .sizes(Factors(l1: l1, l2: l2)))
  }

  /// Of a matrix, whose rows, or else columns, are kept from pointing the same way.
  public static func orthogonal(_ factor: Double = 0.01, ofRows: Bool = true) -> Regularizer {
    .init(
      className: "OrthogonalRegularizer",
      config: ["factor": .number(factor), "mode": .string(ofRows ? "rows" : "columns")],
      .orthogonal(factor: factor, ofRows: ofRows))
  }

  /// Reads a regularizer: a name such as `l2`, or an object of any Keras generation.
  init(json: JSON) {
    let className = json.string ?? json["class_name"]?.string ?? json["name"]?.string ?? ""
    let config = json["config"] ?? json
    func factor(_ key: String, _ standard: Double) -> Double { config[key]?.double ?? standard }
    let known: Regularizer? =
      switch className {
      case "L1", "l1": .l1(factor("l1", 0.01))
      case "L2", "l2": .l2(factor("l2", 0.01))
      // Keras 1 and 2 wrote each of the three as one class.
      case "L1L2", "l1_l2", "L1L2Regularizer", "WeightRegularizer", "ActivityRegularizer":
        .l1l2(l1: factor("l1", 0), l2: factor("l2", 0))
      case "OrthogonalRegularizer", "orthogonal_regularizer":
        .orthogonal(factor("factor", 0.01), ofRows: config["mode"]?.string != "columns")
      default: nil
      }
    self.json = known.map { json["module"] == nil ? $0.json : json } ?? json
    rule = known?.rule
  }

  /// The class, for a message.
  var className: String { json.string ?? json["class_name"]?.string ?? json.kindName }
}

extension LayerConfig {
  mutating func regularizer(_ key: String) throws(ModelGraphError) -> Regularizer? {
    value(key).map(Regularizer.init)
  }
}
