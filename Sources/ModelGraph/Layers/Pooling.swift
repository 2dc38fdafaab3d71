/// The greatest or the mean of windows along one to three axes.
public import Engine
public import KerasCheckpoint

/// `y[t] = max x[t·stride ..< t·stride + size]`, or the mean, along every axis between batch and
/// channels. Padding with `same` takes no part, also not in the count of a mean.
///
/// Shapes: `[N, T, C]` to `[N, T', C]`, with two such axes `[N, A, B, C]`, with three
/// `[N, A, B, D, C]`; with `channelsFirst` the last axis is the second. A mask ends here.
/// Source: `keras/src/layers/pooling/base_pooling.py`.
public protocol PoolingLayer: SingleInputLayer {
  static var function: PoolFunction { get }
  /// The number of axes that windows go along.
  static var spatialRank: Int { get }
  var pooling: PoolingOptions { get set }
  init(pooling: PoolingOptions)
}

/// The windows of a pooling layer, a size and a stride for each axis.
public struct PoolingOptions: Sendable, Hashable {
  public var poolSize: [Int]
  public var strides: [Int]
  public var padding: Padding
  public var dataFormat: DataFormat
}

public struct AveragePooling1D: PoolingLayer {
  public static let className = "AveragePooling1D"
  public static let function = PoolFunction.average
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var pooling: PoolingOptions
  public init(pooling: PoolingOptions) { self.pooling = pooling }
}

public struct AveragePooling2D: PoolingLayer {
  public static let className = "AveragePooling2D"
  public static let function = PoolFunction.average
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var pooling: PoolingOptions
  public init(pooling: PoolingOptions) { self.pooling = pooling }
}

public struct AveragePooling3D: PoolingLayer {
  public static let className = "AveragePooling3D"
  public static let function = PoolFunction.average
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var pooling: PoolingOptions
  public init(pooling: PoolingOptions) { self.pooling = pooling }
}

public struct MaxPooling1D: PoolingLayer {
  public static let className = "MaxPooling1D"
  public static let function = PoolFunction.max
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var pooling: PoolingOptions
  public init(pooling: PoolingOptions) { self.pooling = pooling }
}

public struct MaxPooling2D: PoolingLayer {
  public static let className = "MaxPooling2D"
  public static let function = PoolFunction.max
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var pooling: PoolingOptions
  public init(pooling: PoolingOptions) { self.pooling = pooling }
}

public struct MaxPooling3D: PoolingLayer {
  public static let className = "MaxPooling3D"
  public static let function = PoolFunction.max
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var pooling: PoolingOptions
  public init(pooling: PoolingOptions) { self.pooling = pooling }
}

extension PoolingLayer {
  public static var legacyKeys: [String: LegacyKey] {
    [
      "pool_length": .renamed("pool_size"), "stride": .renamed("strides"),
      "border_mode": .renamed("padding"), "dim_ordering": .renamed("data_format"),
    ]
  }

  /// - Parameters:
  ///   - poolSize: along every axis.
  ///   - strides: the pool size unless given.
  public init(
    poolSize: Int = 2, strides: Int? = nil, padding: Padding = .valid,
    dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    self.init(
      poolSize: .init(repeating: poolSize, count: Self.spatialRank),
      strides: strides.map { .init(repeating: $0, count: Self.spatialRank) }, padding: padding,
      dataFormat: dataFormat, name: name)
  }

  /// - Parameter strides: the pool sizes unless given.
  /// - Precondition: there is one of each for every axis.
  public init(
    poolSize: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    let strides = strides ?? poolSize
    precondition(
      poolSize.count == Self.spatialRank && strides.count == Self.spatialRank,
      "\(Self.className) pools \(Self.spatialRank) axes")
    self.init(
      pooling: PoolingOptions(
        poolSize: poolSize, strides: strides, padding: padding, dataFormat: dataFormat))
    attributes = LayerAttributes(name: name)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    let size = try config.extents("pool_size", count: Self.spatialRank, default: 2)
    self.init(
      pooling: PoolingOptions(
        poolSize: size,
        strides: try config.extents("strides", count: Self.spatialRank) ?? size,
        padding: try config.padding("padding", allowed: [.valid, .same]),
        dataFormat: try config.dataFormat()))
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    [
      "pool_size": .array(pooling.poolSize.map(JSON.int)),
      "strides": .array(pooling.strides.map(JSON.int)),
      "padding": .string(pooling.padding.rawValue),
      "data_format": .string(pooling.dataFormat.rawValue),
    ]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(Self.spatialRank + 2)
    var output = input
    for (place, axis) in pooling.dataFormat.spatialAxes(rank: input.rank).enumerated() {
      output[axis] = try pooling.padding.steps(
        input[axis], size: pooling.poolSize[place], stride: pooling.strides[place], of: input)
    }
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let last = try pooling.dataFormat.toChannelsLast(input)
    let windows = zip(pooling.poolSize, pooling.strides).map {
      PoolWindows.sliding(size: $0, stride: $1, padding: pooling.padding)
    }
    return try pooling.dataFormat.fromChannelsLast(last.pooled(Self.function, windows))
  }
}
