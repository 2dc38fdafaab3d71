/// What a layer says of a weight before it has numbers.
import KerasCheckpoint
public import Tensors

/// A weight of a layer that is built.
public struct WeightSpec: Sendable, Hashable {
  /// The name below the layer's, such as `kernel` or `lstm_cell/kernel`.
  public internal(set) var name: String
  public let shape: Shape
  public let initializer: Initializer
  public let regularizer: Regularizer?
  public let constraint: Constraint?
  /// Whether training changes it, where the layer is trainable. Running statistics are not trained.
  public internal(set) var isTrained: Bool
  /// How many numbers go into a sum and come out, where the shape does not say so.
  var fans: Fans?
  /// What it starts as instead of what the initializer draws.
  var given: GivenValue?

  struct Fans: Sendable, Hashable {
    let `in`: Int
    let out: Int
  }

  /// - Throws: `ModelGraphError` where the elements are too many to count.
  public init(
    _ name: String, _ extents: [Int], _ settings: WeightSettings, isTrained: Bool = true
  ) throws(ModelGraphError) {
    guard let shape = Shape(checking: extents), shape.count <= BuiltGraph.parameterLimit else {
      throw ModelGraphError(
        .tooLarge(what: "the weight \"\(name)\" of shape \(LayerShape(extents))"))
    }
    self.name = name
    self.shape = shape
    self.initializer = settings.initializer
    self.regularizer = settings.regularizer
    self.constraint = settings.constraint
    self.isTrained = isTrained
  }
}

/// Numbers that a weight starts as; equal where they are the same object.
final class GivenValue: Sendable, Hashable {
  let tensor: Tensor

  init(_ tensor: Tensor) { self.tensor = tensor }

  static func == (one: GivenValue, other: GivenValue) -> Bool { one === other }

  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// How a weight starts, and what holds it in bounds: `kernel_initializer`, `kernel_regularizer`,
/// `kernel_constraint`.
public struct WeightSettings: Sendable, Hashable {
  public var initializer: Initializer
  public var regularizer: Regularizer?
  public var constraint: Constraint?

  public init(
    _ initializer: Initializer, regularizer: Regularizer? = nil, constraint: Constraint? = nil
  ) {
    self.initializer = initializer
    self.regularizer = regularizer
    self.constraint = constraint
  }

  /// The settings under Keras's keys for the weight `name`.
  func config(_ name: String) -> [String: JSON] {
    [
      "\(name)_initializer": initializer.json,
      "\(name)_regularizer": regularizer?.json ?? .null,
      "\(name)_constraint": constraint?.json ?? .null,
    ]
  }
}

extension LayerConfig {
  /// Reads the settings of the weight `name`.
  public mutating func weight(
    _ name: String, _ standard: Initializer
  ) throws(ModelGraphError) -> WeightSettings {
    WeightSettings(
      try initializer("\(name)_initializer", default: standard),
      regularizer: try regularizer("\(name)_regularizer"),
      constraint: value("\(name)_constraint").map(Constraint.init))
  }
}
