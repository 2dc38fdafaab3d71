/// A layer that Keratin cannot run, kept so that its model can be inspected and saved.
public import KerasCheckpoint

public struct UnsupportedLayer: Layer {
  /// No class of Keras; ``storedClassName`` has the layer's own.
  public static let className = "UnsupportedLayer"

  public var attributes: LayerAttributes
  /// The class as stored, such as `Conv2D`.
  public let storedClassName: String
  /// The whole entry as stored: class, module, configuration.
  public let entry: JSON
  /// Why it is not run.
  public let reason: ModelGraphError

  init(className: String, name: String, entry: JSON, reason: ModelGraphError) {
    storedClassName = className
    attributes = LayerAttributes(
      name: name, trainable: entry["config"]?["trainable"]?.bool ?? true)
    self.entry = entry
    self.reason = reason
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    throw ModelGraphError(
      .unsupportedLayer, at: .init(layer: config.layerName, className: config.className))
  }

  public var settings: [String: JSON] { entry["config"]?.object ?? [:] }

  public var config: [String: JSON] { settings }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    throw reason
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    throw reason
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] { throw reason }
}

extension Layer {
  /// The class to show: that of Keras, also for a layer that is not supported.
  public var displayClassName: String {
    switch self {
    case let layer as UnsupportedLayer: layer.storedClassName
    case let layer as FunctionCallLayer: layer.storedClassName
    case let model as NestedModel: model.graph.form.rawValue
    default: Self.className
    }
  }

  /// What cannot be run of the layer: itself, or parts of a model.
  var unsupportedParts: [UnsupportedLayer] {
    (self as? UnsupportedLayer).map { [$0] } ?? innerGraph?.unsupportedLayers ?? []
  }
}
