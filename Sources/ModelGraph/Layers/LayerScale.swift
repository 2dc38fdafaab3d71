/// A factor for each feature, as ConvNeXt has it behind every block.
public import Engine
public import KerasCheckpoint

/// `y = x · gamma`, with a gamma for each place along the last axis.
///
/// Weights: `gamma`, which Keras 3 leaves without a name, `[C]`.
/// Source: `keras/src/applications/convnext.py`; Touvron et al. 2021, arXiv:2103.17239.
public struct LayerScale: SingleInputLayer {
  public static let className = "LayerScale"
  public static let module = "keras.src.applications.convnext"

  public var attributes: LayerAttributes
  /// What each gamma is at first.
  public var initialValue: Double
  /// The number of features.
  public var features: Int

  public init(features: Int, initialValue: Double = 1e-6, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.initialValue = initialValue
    self.features = features
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    initialValue = try config.number("init_values")
    features = try config.count("projection_dim")
  }

  public var settings: [String: JSON] {
    ["init_values": .number(initialValue), "projection_dim": .int(features)]
  }

  public var isBuiltAtOnce: Bool { false }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    [try WeightSpec("variable", [features], WeightSettings(.constant(initialValue)))]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(atLeast: 1)
    if let found = input[-1], found != features {
      throw ModelGraphError(.inputShape(expected: "\(features) features", found: input))
    }
    return input
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try input * context.weight("variable")
  }
}
