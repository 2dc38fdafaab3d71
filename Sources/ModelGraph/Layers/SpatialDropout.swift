/// Random silence of whole channels in training.
public import Engine
public import KerasCheckpoint

/// In training each channel of an example is 0 at all its positions with probability `rate` and else
/// divided by `1 - rate`; in inference nothing changes.
///
/// Shapes: `[N, T, C]`, and with two or three axes between; with `channelsFirst` the last axis is the
/// second. Source: `keras/src/layers/regularization/spatial_dropout.py`; Tompson et al. 2014,
/// arXiv:1411.4280.
public protocol SpatialDropoutLayer: SingleInputLayer {
  /// The number of axes along which a channel is dropped.
  static var spatialRank: Int { get }
  var spatialDropout: SpatialDropoutOptions { get set }
  init(spatialDropout: SpatialDropoutOptions)
}

public struct SpatialDropoutOptions: Sendable, Hashable {
  public var rate: Double
  public var dataFormat: DataFormat
  /// Kept in the configuration; the numbers come from the seed of the training run.
  public var seed: JSON?
}

public struct SpatialDropout1D: SpatialDropoutLayer {
  public static let className = "SpatialDropout1D"
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var spatialDropout: SpatialDropoutOptions
  public init(spatialDropout: SpatialDropoutOptions) { self.spatialDropout = spatialDropout }
}

public struct SpatialDropout2D: SpatialDropoutLayer {
  public static let className = "SpatialDropout2D"
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var spatialDropout: SpatialDropoutOptions
  public init(spatialDropout: SpatialDropoutOptions) { self.spatialDropout = spatialDropout }
}

public struct SpatialDropout3D: SpatialDropoutLayer {
  public static let className = "SpatialDropout3D"
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var spatialDropout: SpatialDropoutOptions
  public init(spatialDropout: SpatialDropoutOptions) { self.spatialDropout = spatialDropout }
}

extension SpatialDropoutLayer {
  public static var legacyKeys: [String: LegacyKey] {
    [
      "p": .renamed("rate"), "dim_ordering": .renamed("data_format"), "noise_shape": .dropped,
    ]
  }

  public init(
    _ rate: Double, dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    self.init(spatialDropout: SpatialDropoutOptions(rate: rate, dataFormat: dataFormat))
    attributes = LayerAttributes(name: name)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    self.init(
      spatialDropout: SpatialDropoutOptions(
        rate: try config.rate("rate"), dataFormat: try config.dataFormat(),
        seed: try config.seed()))
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    var settings: [String: JSON] = [
      "rate": .number(spatialDropout.rate), "seed": spatialDropout.seed ?? .null,
    ]
    if Self.spatialRank > 1 {
      settings["data_format"] = .string(spatialDropout.dataFormat.rawValue)
    }
    return settings
  }

  /// Keras 3 takes neither `trainable` nor a policy for these.
  public var config: [String: JSON] {
    var config = attributes.unknown.merging(attributes.config) { $1 }.merging(settings) { $1 }
    config["trainable"] = nil
    config["dtype"] = .string(attributes.dtype.name)
    return config
  }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(Self.spatialRank + 2)
    return input
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training, spatialDropout.rate > 0 else { return input }
    return try input.dropout(
      rate: Float(spatialDropout.rate), stream: context.stream,
      sharedAxes: Array(spatialDropout.dataFormat.spatialAxes(rank: input.rank)))
  }
}
