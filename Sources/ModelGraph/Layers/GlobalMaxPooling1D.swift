/// The greatest value over time.
public import Engine
public import KerasCheckpoint

/// `y[c] = maxₜ x[t, c]`. A mask is not used, as in Keras.
///
/// Shapes: `[N, T, C]` to `[N, C]`, or `[N, 1, C]` with `keepDims`.
/// Source: `keras/src/layers/pooling/global_max_pooling1d.py`.
public struct GlobalMaxPooling1D: SingleInputLayer {
  public static let className = "GlobalMaxPooling1D"

  public var attributes: LayerAttributes
  public var dataFormat: DataFormat
  public var keepDims: Bool

  public init(
    dataFormat: DataFormat = .channelsLast, keepDims: Bool = false, name: String? = nil
  ) {
    attributes = LayerAttributes(name: name)
    self.dataFormat = dataFormat
    self.keepDims = keepDims
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    dataFormat = try config.choice("data_format", default: .channelsLast)
    keepDims = try config.bool("keepdims", default: false)
  }

  public var settings: [String: JSON] {
    ["data_format": .string(dataFormat.rawValue), "keepdims": .bool(keepDims)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try dataFormat.pooledShape(input, keepDims: keepDims)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try input.max(axes: [dataFormat.stepAxis], keepDims: keepDims)
  }
}
