/// The greatest or the mean of so many windows as are asked for.
public import Engine
public import KerasCheckpoint

/// Every axis between batch and channels is divided into `outputSize` windows, as equal as can be; a
/// window that does not end on a position shares it with the next.
///
/// Shapes: `[N, T, C]` to `[N, outputSize, C]`, and so with two or three such axes; with
/// `channelsFirst` the last axis is the second. Keras 3 alone has these layers.
/// Source: `keras/src/layers/pooling/base_adaptive_pooling.py`.
public protocol AdaptivePoolingLayer: SingleInputLayer {
  static var function: PoolFunction { get }
  /// The number of axes that are pooled.
  static var spatialRank: Int { get }
  var pooling: AdaptivePoolingOptions { get set }
  init(pooling: AdaptivePoolingOptions)
}

public struct AdaptivePoolingOptions: Sendable, Hashable {
  /// The number of windows along each axis.
  public var outputSize: [Int]
  public var dataFormat: DataFormat
}

public struct AdaptiveAveragePooling1D: AdaptivePoolingLayer {
  public static let className = "AdaptiveAveragePooling1D"
  public static let function = PoolFunction.average
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var pooling: AdaptivePoolingOptions
  public init(pooling: AdaptivePoolingOptions) { self.pooling = pooling }
}

public struct AdaptiveAveragePooling2D: AdaptivePoolingLayer {
  public static let className = "AdaptiveAveragePooling2D"
  public static let function = PoolFunction.average
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var pooling: AdaptivePoolingOptions
  public init(pooling: AdaptivePoolingOptions) { self.pooling = pooling }
}

public struct AdaptiveAveragePooling3D: AdaptivePoolingLayer {
  public static let className = "AdaptiveAveragePooling3D"
  public static let function = PoolFunction.average
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var pooling: AdaptivePoolingOptions
  public init(pooling: AdaptivePoolingOptions) { self.pooling = pooling }
}

public struct AdaptiveMaxPooling1D: AdaptivePoolingLayer {
  public static let className = "AdaptiveMaxPooling1D"
  public static let function = PoolFunction.max
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var pooling: AdaptivePoolingOptions
  public init(pooling: AdaptivePoolingOptions) { self.pooling = pooling }
}

public struct AdaptiveMaxPooling2D: AdaptivePoolingLayer {
  public static let className = "AdaptiveMaxPooling2D"
  public static let function = PoolFunction.max
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var pooling: AdaptivePoolingOptions
  public init(pooling: AdaptivePoolingOptions) { self.pooling = pooling }
}

public struct AdaptiveMaxPooling3D: AdaptivePoolingLayer {
  public static let className = "AdaptiveMaxPooling3D"
  public static let function = PoolFunction.max
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var pooling: AdaptivePoolingOptions
  public init(pooling: AdaptivePoolingOptions) { self.pooling = pooling }
}

extension AdaptivePoolingLayer {
  /// - Parameter outputSize: along every axis.
  public init(
    _ outputSize: Int, dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    self.init(
      .init(repeating: outputSize, count: Self.spatialRank), dataFormat: dataFormat, name: name)
  }

  /// - Precondition: there is a size for every axis.
  public init(
    _ outputSize: [Int], dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    precondition(
      outputSize.count == Self.spatialRank, "\(Self.className) pools \(Self.spatialRank) axes")
    self.init(pooling: AdaptivePoolingOptions(outputSize: outputSize, dataFormat: dataFormat))
    attributes = LayerAttributes(name: name)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    self.init(
      pooling: AdaptivePoolingOptions(
        outputSize: try config.extents("output_size", count: Self.spatialRank, default: nil),
        dataFormat: try config.dataFormat()))
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    [
      "output_size": .array(pooling.outputSize.map(JSON.int)),
      "data_format": .string(pooling.dataFormat.rawValue),
    ]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(Self.spatialRank + 2)
    var output = input
    for (axis, size) in zip(pooling.dataFormat.spatialAxes(rank: input.rank), pooling.outputSize) {
      guard input[axis] != 0 else {
        throw ModelGraphError(.inputShape(expected: "at least one position", found: input))
      }
      output[axis] = size
    }
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let last = try pooling.dataFormat.toChannelsLast(input)
    let windows = pooling.outputSize.map { PoolWindows.dividing(into: $0) }
    guard Self.function == .max else {
      return try pooling.dataFormat.fromChannelsLast(last.pooled(.average, windows))
    }
    // An axis after the other, as in Keras: so it is decided which of equal elements is the first, and
    // gets the gradient.
    var output = last
    for axis in windows.indices {
      var single = [PoolWindows](
        repeating: .sliding(size: 1, stride: 1), count: windows.count)
      single[axis] = windows[axis]
      output = try output.pooled(.max, single)
    }
    return try pooling.dataFormat.fromChannelsLast(output)
  }
}
