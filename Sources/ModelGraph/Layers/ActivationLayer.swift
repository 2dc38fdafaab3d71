/// A function applied to what comes in.
public import Engine
public import KerasCheckpoint

/// `y = f(x)`; the layer `Activation` of Keras. Named so because `Activation` is the function.
///
/// Source: `keras/src/layers/activations/activation.py`.
public struct ActivationLayer: SingleInputLayer {
  public static let className = "Activation"

  public var attributes: LayerAttributes
  public var activation: Activation

  public init(_ activation: Activation, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.activation = activation
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    activation = try config.activation("activation")
  }

  public var settings: [String: JSON] { ["activation": activation.json] }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(atLeast: 1)
    var output = input
    output[-1] = activation.function?.outputWidth(input[-1]) ?? input[-1]
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try activation(input)
  }
}
