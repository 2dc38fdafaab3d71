/// What comes in.
public import Engine
public import KerasCheckpoint

/// `y = x`. Source: `keras/src/layers/core/identity.py`.
public struct Identity: SingleInputLayer {
  public static let className = "Identity"

  public var attributes: LayerAttributes

  public init(name: String? = nil) { attributes = LayerAttributes(name: name) }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
  }

  public var settings: [String: JSON] { [:] }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value { input }
}
