/// The greatest value or the mean over all positions.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y[c] = maxₜ x[t, c]`, or the mean, over every axis between batch and channels.
///
/// Shapes: `[N, T, C]` to `[N, C]`, or `[N, 1, C]` with `keepDims`; and so with two or three such
/// axes. A mask ends here; of these layers only `GlobalAveragePooling1D` uses one, as in Keras.
/// Source: `keras/src/layers/pooling/base_global_pooling.py`.
public protocol GlobalPoolingLayer: SingleInputLayer {
  static var function: PoolFunction { get }
  /// The number of axes that are pooled.
  static var spatialRank: Int { get }
  var pooling: GlobalPoolingOptions { get set }
  init(pooling: GlobalPoolingOptions)
}

public struct GlobalPoolingOptions: Sendable, Hashable {
  public var dataFormat: DataFormat
  public var keepDims: Bool
}

/// The mean over the steps that the mask lets count, where there is one. An example of padding alone
/// gives 0 / 0, as in Keras.
public struct GlobalAveragePooling1D: GlobalPoolingLayer {
  public static let className = "GlobalAveragePooling1D"
  public static let function = PoolFunction.average
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var pooling: GlobalPoolingOptions
  public init(pooling: GlobalPoolingOptions) { self.pooling = pooling }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let input = try inputs.single()
    guard let mask = input.mask else { return [Signal(try call(input.value, context))] }
    guard mask.rank == 2 else {
      throw ModelGraphError(
        .inputShape(expected: "a mask of 2 dimensions", found: LayerShape(mask.shape.dimensions)))
    }
    let (batch, steps) = (mask.shape[0], mask.shape[1])
    let axis = pooling.dataFormat.spatialAxes(rank: 3).lowerBound
    let counts = try mask.reshaped(axis == 1 ? [batch, steps, 1] : [batch, 1, steps])
    let real = try counts.select(ifTrue: input.value, ifFalse: context.builder.constant(0))
    let sum = try real.sum(axes: [axis], keepDims: pooling.keepDims)
    return [Signal(try sum / counts.sum(axes: [axis], keepDims: pooling.keepDims))]
  }
}

public struct GlobalAveragePooling2D: GlobalPoolingLayer {
  public static let className = "GlobalAveragePooling2D"
  public static let function = PoolFunction.average
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var pooling: GlobalPoolingOptions
  public init(pooling: GlobalPoolingOptions) { self.pooling = pooling }
}

public struct GlobalAveragePooling3D: GlobalPoolingLayer {
  public static let className = "GlobalAveragePooling3D"
  public static let function = PoolFunction.average
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var pooling: GlobalPoolingOptions
  public init(pooling: GlobalPoolingOptions) { self.pooling = pooling }
}

public struct GlobalMaxPooling1D: GlobalPoolingLayer {
  public static let className = "GlobalMaxPooling1D"
  public static let function = PoolFunction.max
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var pooling: GlobalPoolingOptions
  public init(pooling: GlobalPoolingOptions) { self.pooling = pooling }
}

public struct GlobalMaxPooling2D: GlobalPoolingLayer {
  public static let className = "GlobalMaxPooling2D"
  public static let function = PoolFunction.max
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var pooling: GlobalPoolingOptions
  public init(pooling: GlobalPoolingOptions) { self.pooling = pooling }
}

public struct GlobalMaxPooling3D: GlobalPoolingLayer {
  public static let className = "GlobalMaxPooling3D"
  public static let function = PoolFunction.max
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var pooling: GlobalPoolingOptions
  public init(pooling: GlobalPoolingOptions) { self.pooling = pooling }
}

extension GlobalPoolingLayer {
  public static var legacyKeys: [String: LegacyKey] { ["dim_ordering": .renamed("data_format")] }

  public init(
    dataFormat: DataFormat = .channelsLast, keepDims: Bool = false, name: String? = nil
  ) {
    self.init(pooling: GlobalPoolingOptions(dataFormat: dataFormat, keepDims: keepDims))
    attributes = LayerAttributes(name: name)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    self.init(
      pooling: GlobalPoolingOptions(
        dataFormat: try config.dataFormat(),
        keepDims: try config.bool("keepdims", default: false)))
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    ["data_format": .string(pooling.dataFormat.rawValue), "keepdims": .bool(pooling.keepDims)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(Self.spatialRank + 2)
    let axes = pooling.dataFormat.spatialAxes(rank: input.rank)
    guard axes.allSatisfy({ input[$0] != 0 }) else {
      throw ModelGraphError(.inputShape(expected: "at least one position", found: input))
    }
    var output = input
    let kept = [Int?](repeating: 1, count: pooling.keepDims ? axes.count : 0)
    output.extents.replaceSubrange(axes, with: kept)
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let axes = Array(pooling.dataFormat.spatialAxes(rank: input.rank))
    return switch Self.function {
    case .max: try input.max(axes: axes, keepDims: pooling.keepDims)
    case .average: try input.mean(axes: axes, keepDims: pooling.keepDims)
    }
  }
}
