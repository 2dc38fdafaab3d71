/// Which elements differ from a number; Keras 3 writes an embedding's mask so.
public import Engine
public import KerasCheckpoint

/// `y = x ≠ number`, 1 or 0, on tokens. Keras 3 puts it into a Functional model beside an `Embedding`
/// with `mask_zero`, and its result goes to the layers that use the mask.
///
/// Source: `keras/src/ops/numpy.py`.
public struct NotEqual: SingleInputLayer {
  public static let className = "NotEqual"
  public static let module = "keras.src.ops.numpy"
  public static let takesConstants = true

  public var attributes: LayerAttributes
  public var number: Int32

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = LayerAttributes(name: config.layerName)
    guard config.constants.count <= 1,
      let number = (config.constants.first ?? .int(0)).int.flatMap({ Int32(exactly: $0) })
    else {
      throw config.unsupported("inbound_nodes", "a comparison of tensors")
    }
    self.number = number
  }

  public var settings: [String: JSON] { [:] }

  public var config: [String: JSON] { attributes.unknown.merging(["name": .string(name)]) { $1 } }

  public var takesTokens: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try input.asTokens().notEqual(to: number)
  }
}
