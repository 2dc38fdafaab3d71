/// The mean of windows along time.
public import Engine
public import KerasCheckpoint

/// `y[t] = mean x[t·stride ..< t·stride + size]`; with `same` the mean is over the real steps only.
///
/// Shapes: `[N, T, C]` to `[N, T', C]`; with `channelsFirst` the last two axes are the other way
/// round. Source: `keras/src/layers/pooling/average_pooling1d.py`.
public struct AveragePooling1D: SingleInputLayer {
  public static let className = "AveragePooling1D"
  public static let legacyKeys: [String: LegacyKey] = [
    "pool_length": .renamed("pool_size"), "stride": .renamed("strides"),
    "border_mode": .renamed("padding"),
  ]

  public var attributes: LayerAttributes
  public var poolSize: Int
  public var strides: Int
  public var padding: Padding
  public var dataFormat: DataFormat

  /// - Parameter strides: the pool size unless given.
  public init(
    poolSize: Int, strides: Int? = nil, padding: Padding = .valid,
    dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    attributes = LayerAttributes(name: name)
    self.poolSize = poolSize
    self.strides = strides ?? poolSize
    self.padding = padding
    self.dataFormat = dataFormat
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    poolSize = try config.extent("pool_size", default: 2)
    strides = try config.extent("strides", default: poolSize)
    padding = try config.padding("padding", allowed: [.valid, .same])
    dataFormat = try config.choice("data_format", default: .channelsLast)
  }

  public var settings: [String: JSON] {
    [
      "pool_size": [.int(poolSize)], "strides": [.int(strides)],
      "padding": .string(padding.rawValue), "data_format": .string(dataFormat.rawValue),
    ]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(3)
    var output = input
    let steps = dataFormat.stepAxis
    output[steps] = try padding.steps(input[steps], size: poolSize, stride: strides, of: input)
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let last = try dataFormat.toChannelsLast(input)
    let output = try last.averagePool1D(size: poolSize, strides: strides, padding: padding)
    return try dataFormat.fromChannelsLast(output)
  }
}
