/// Activation functions with parameters, as layers.
public import Engine
public import KerasCheckpoint

/// `y = f(x)`, element by element. In the place of another layer's activation they are functions.
///
/// Source: `keras/src/layers/activations/`.
public protocol FunctionLayer: SingleInputLayer {
  var function: Activation.Function { get }
}

extension FunctionLayer {
  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try function(input)
  }
}

/// x above 0, α (eˣ - 1) below.
public struct ELU: FunctionLayer {
  public static let className = "ELU"

  public var attributes: LayerAttributes
  public var alpha: Double

  public init(alpha: Double = 1, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.alpha = alpha
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    alpha = try config.number("alpha", default: 1)
  }

  public var settings: [String: JSON] { ["alpha": .number(alpha)] }

  public var function: Activation.Function { .elu(alpha: alpha) }
}

/// x above 0, the slope times x below.
public struct LeakyReLU: FunctionLayer {
  public static let className = "LeakyReLU"
  public static let legacyKeys: [String: LegacyKey] = ["alpha": .renamed("negative_slope")]

  public var attributes: LayerAttributes
  public var negativeSlope: Double

  public init(negativeSlope: Double = 0.3, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.negativeSlope = negativeSlope
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    negativeSlope = try config.number("negative_slope", default: 0.3)
  }

  public var settings: [String: JSON] { ["negative_slope": .number(negativeSlope)] }

  public var function: Activation.Function {
    .relu(negativeSlope: negativeSlope, maximum: nil, threshold: 0)
  }
}

/// x above the threshold and at most the maximum; below, the slope times what x lacks of the
/// threshold. Keras 2's `ThresholdedReLU` is this with a threshold.
public struct ReLU: FunctionLayer {
  public static let className = "ReLU"
  public static let legacyKeys: [String: LegacyKey] = ["theta": .renamed("threshold")]

  public var attributes: LayerAttributes
  public var maximum: Double?
  public var negativeSlope: Double
  public var threshold: Double

  public init(
    maximum: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0, name: String? = nil
  ) {
    attributes = LayerAttributes(name: name)
    self.maximum = maximum
    self.negativeSlope = negativeSlope
    self.threshold = threshold
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    maximum = config.value("max_value") == nil ? nil : try config.number("max_value")
    negativeSlope = try config.number("negative_slope", default: 0)
    threshold = try config.number(
      "threshold", default: config.className == "ThresholdedReLU" ? 1 : 0)
  }

  public var settings: [String: JSON] {
    [
      "max_value": maximum.map(JSON.number) ?? .null, "negative_slope": .number(negativeSlope),
      "threshold": .number(threshold),
    ]
  }

  public var function: Activation.Function {
    .relu(negativeSlope: negativeSlope, maximum: maximum, threshold: threshold)
  }
}
