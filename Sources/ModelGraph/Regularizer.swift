/// What the sizes of weights add to the loss.
public import KerasCheckpoint

/// `l1 · Σ|w| + l2 · Σw²`, of each weight that is trained. Source: `keras/src/regularizers`.
public struct Regularizer: Sendable, Hashable {
  /// The stored configuration.
  public let json: JSON
  /// The two factors; nil for a regularizer that is not supported.
  public let factors: Factors?

  public struct Factors: Sendable, Hashable {
    public let l1: Double
    public let l2: Double

    public init(l1: Double, l2: Double) {
      self.l1 = l1
      self.l2 = l2
    }
  }

  private init(className: String, config: [String: JSON], _ factors: Factors) {
    json = .object([
      "module": "keras.regularizers", "class_name": .string(className),
      "config": .object(config), "registered_name": .null,
    ])
    self.factors = factors
  }

  public static func l1(_ factor: Double = 0.01) -> Regularizer {
    .init(className: "L1", config: ["l1": .number(factor)], Factors(l1: factor, l2: 0))
  }

  public static func l2(_ factor: Double = 0.01) -> Regularizer {
    .init(className: "L2", config: ["l2": .number(factor)], Factors(l1: 0, l2: factor))
  }

  public static func l1l2(l1: Double = 0, l2: Double = 0) -> Regularizer {
    .init(
      className: "L1L2", config: ["l1": .number(l1), "l2": .number(l2)], Factors(l1: l1, l2: l2))
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
      default: nil
      }
    self.json = known.map { json["module"] == nil ? $0.json : json } ?? json
    factors = known?.factors
  }

  /// The class, for a message.
  var className: String { json.string ?? json["class_name"]?.string ?? json.kindName }
}

extension LayerConfig {
  mutating func regularizer(_ key: String) throws(ModelGraphError) -> Regularizer? {
    value(key).map(Regularizer.init)
  }
}
