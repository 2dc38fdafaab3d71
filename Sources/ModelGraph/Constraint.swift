/// What holds a weight in bounds.
public import Engine
public import KerasCheckpoint

/// A change that a weight undergoes after each update. ‖w‖ is taken along `axes`, ε is 1e-7.
///
///     MaxNorm     w · clip(‖w‖, 0, max) / (‖w‖ + ε)
///     MinMaxNorm  w · (rate · clip(‖w‖, min, max) + (1 - rate) ‖w‖) / (‖w‖ + ε)
///     NonNeg      max(w, 0)
///     UnitNorm    w / (‖w‖ + ε)
///
/// Source: `keras/src/constraints/constraints.py` (Keras 3.15.1).
public struct Constraint: Sendable, Hashable {
  public enum Rule: Sendable, Hashable {
    case nonNegative
    case unitNorm(axes: [Int])
    case norm(min: Double, max: Double, rate: Double, axes: [Int])
  }

  /// The stored configuration.
  public let json: JSON
  /// What is done; nil for a constraint that is not supported.
  public let rule: Rule?

  /// Reads a constraint: a name such as `non_neg`, or an object of any Keras generation.
  public init(_ json: JSON) {
    self.json = json
    let config = json["config"] ?? json
    func number(_ key: String, _ standard: Double) -> Double { config[key]?.double ?? standard }
    let axes = config["axis"]?.array?.compactMap(\.int) ?? [config["axis"]?.int ?? 0]
    switch Self.className(json).lowercased().filter({ $0 != "_" }) {
    case "nonneg": rule = .nonNegative
    case "unitnorm": rule = .unitNorm(axes: axes)
    case "maxnorm":
      // Keras 1 calls the bound `m`.
      rule = .norm(min: 0, max: number("max_value", number("m", 2)), rate: 1, axes: axes)
    case "minmaxnorm":
      rule = .norm(
        min: number("min_value", 0), max: number("max_value", 1), rate: number("rate", 1),
        axes: axes)
    default: rule = nil
    }
  }

  /// The class, for a message.
  var className: String { Self.className(json) }

  private static func className(_ json: JSON) -> String {
    json.string ?? json["class_name"]?.string ?? json["name"]?.string ?? json.kindName
  }

  /// The weight in bounds.
  ///
  /// - Precondition: the constraint is supported.
  public func applied(to weight: Value) throws(EngineError) -> Value {
    let epsilon: Float = 1e-7
    func norms(_ axes: [Int]) throws(EngineError) -> Value {
      try weight.apply(.square).sum(axes: axes, keepDims: true).apply(.sqrt)
    }
    switch rule {
    case .nonNegative:
      return try weight.maximum(weight.builder.constant(0))
    case .unitNorm(let axes):
      return try weight / norms(axes).adding(epsilon)
    case .norm(let min, let max, let rate, let axes):
      let norms = try norms(axes)
      var desired = try norms.apply(.clip(Float(min), Float(max)))
      if rate != 1 {
        desired = try desired.scaled(by: Float(rate)) + norms.scaled(by: Float(1 - rate))
      }
      return try weight * (desired / norms.adding(epsilon))
    case nil:
      preconditionFailure("the constraint \(className) is not supported")
    }
  }
}
