/// More positions made out of those that are there.
public import Engine
public import KerasCheckpoint
import Tensors

/// `size` positions for each, along every axis between batch and channels: the same again, or in two
/// dimensions values between neighbours by an interpolation.
///
/// Shapes: `[N, T, C]` to `[N, T · size, C]`, and so with two or three such axes; with `channelsFirst`
/// the last axis is the second. A mask ends here.
/// Source: `keras/src/layers/reshaping/up_sampling2d.py`.
public protocol UpSamplingLayer: SingleInputLayer {
  /// The number of axes that grow.
  static var spatialRank: Int { get }
  var upSampling: UpSamplingOptions { get set }
  init(upSampling: UpSamplingOptions)
}

public struct UpSamplingOptions: Sendable, Hashable {
  public var size: [Int]
  public var dataFormat: DataFormat
  public var interpolation: Interpolation

  /// Above the extent of any image.
  static let positionLimit = 1 << 24
}

public struct UpSampling1D: UpSamplingLayer {
  public static let className = "UpSampling1D"
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var upSampling: UpSamplingOptions
  public init(upSampling: UpSamplingOptions) { self.upSampling = upSampling }
}

public struct UpSampling2D: UpSamplingLayer {
  public static let className = "UpSampling2D"
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var upSampling: UpSamplingOptions
  public init(upSampling: UpSamplingOptions) { self.upSampling = upSampling }

  /// - Precondition: there is a size for each of both axes.
  public init(
    _ size: [Int] = [2, 2], dataFormat: DataFormat = .channelsLast,
    interpolation: Interpolation, name: String? = nil
  ) {
    self.init(size, dataFormat: dataFormat, name: name)
    upSampling.interpolation = interpolation
  }
}

public struct UpSampling3D: UpSamplingLayer {
  public static let className = "UpSampling3D"
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var upSampling: UpSamplingOptions
  public init(upSampling: UpSamplingOptions) { self.upSampling = upSampling }
}

extension UpSamplingLayer {
  public static var legacyKeys: [String: LegacyKey] {
    ["length": .renamed("size"), "dim_ordering": .renamed("data_format")]
  }

  /// - Parameter size: along every axis.
  public init(_ size: Int = 2, dataFormat: DataFormat = .channelsLast, name: String? = nil) {
    self.init(
      .init(repeating: size, count: Self.spatialRank), dataFormat: dataFormat, name: name)
  }

  /// - Precondition: there is a size for every axis.
  public init(_ size: [Int], dataFormat: DataFormat = .channelsLast, name: String? = nil) {
    precondition(
      size.count == Self.spatialRank, "\(Self.className) has \(Self.spatialRank) axes")
    self.init(
      upSampling: UpSamplingOptions(
        size: size, dataFormat: dataFormat, interpolation: .nearest))
    attributes = LayerAttributes(name: name)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    self.init(
      upSampling: UpSamplingOptions(
        size: try config.extents("size", count: Self.spatialRank, default: 2),
        dataFormat: try config.dataFormat(),
        interpolation: Self.spatialRank == 2
          ? try config.choice("interpolation", default: .nearest) : .nearest))
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    let sizes = upSampling.size.map(JSON.int)
    // Keras has sequences with the channels last only.
    guard Self.spatialRank > 1 else { return ["size": sizes[0]] }
    var settings: [String: JSON] = [
      "size": .array(sizes), "data_format": .string(upSampling.dataFormat.rawValue),
    ]
    if Self.spatialRank == 2 {
      settings["interpolation"] = .string(upSampling.interpolation.rawValue)
    }
    return settings
  }

  public var isBuiltAtOnce: Bool { false }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(Self.spatialRank + 2)
    var output = input
    for (axis, size) in zip(upSampling.dataFormat.spatialAxes(rank: input.rank), upSampling.size) {
      guard let extent = input[axis] else { continue }
      // Both are below 2³¹. Each position is a sum that is listed.
      guard extent > 0, extent * size <= UpSamplingOptions.positionLimit else {
        throw ModelGraphError(.tooLarge(what: "an axis of \(extent) times \(size)"))
      }
      output[axis] = extent * size
    }
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let (sizes, interpolation) = (upSampling.size, upSampling.interpolation)
    // TensorFlow does nothing where no axis grows, else it passes over both.
    guard sizes.contains(where: { $0 > 1 }) else { return input }
    var output = input
    // From the last axis on, so that long rows are summed while there are few of them.
    for (axis, size) in zip(upSampling.dataFormat.spatialAxes(rank: input.rank), sizes).reversed()
    where size > 1 || interpolation.smooths {
      output = try output.resampled(
        axis: axis, interpolation.taps(from: input.shape[axis], to: input.shape[axis] * size))
    }
    return output
  }
}
