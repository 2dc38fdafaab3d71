/// What the sizes of activations add to the loss.
public import Engine
public import KerasCheckpoint

/// `y = x`, and `(l1 · Σ|x| + l2 · Σx²) / N` is added to the loss.
///
/// Source: `keras/src/layers/regularization/activity_regularization.py`.
public struct ActivityRegularization: SingleInputLayer {
  public static let className = "ActivityRegularization"

  public var attributes: LayerAttributes
  public var l1: Double
  public var l2: Double

  public init(l1: Double = 0, l2: Double = 0, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.l1 = l1
    self.l2 = l2
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    l1 = try config.number("l1", default: 0)
    l2 = try config.number("l2", default: 0)
    // Keras 2 writes the same again.
    config.ignore("activity_regularizer")
  }

  public var settings: [String: JSON] { ["l1": .number(l1), "l2": .number(l2)] }

  public var activityRegularizer: Regularizer? { .l1l2(l1: l1, l2: l2) }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value { input }
}
