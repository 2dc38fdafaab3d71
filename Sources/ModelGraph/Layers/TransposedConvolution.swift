/// Convolutions turned round, which make more of their input.
public import Engine
public import KerasCheckpoint
import Tensors

/// What the gradient of a convolution does to its input: `y[t·stride + k·dilation] += x[t] · kernel[k]` for
/// every t and k, then a bias and an activation.
///
/// Shapes: `[N, T, C]` to `[N, T', F]` with T' = T · stride under `same`, else `stride` less than the size of
/// a window more where that is positive; with `outputPadding` T' = (T - 1) · stride + window - 2 · pad +
/// outputPadding, pad being half the kernel's size under `same`. With two axes `[N, A, B, C]`, with three
/// `[N, A, B, D, C]`; with `channelsFirst` the last axis is the second. A mask ends here. Weights: `kernel`
/// `[K…, F, C]`, `bias` `[F]`.
/// Source: `keras/src/layers/convolutional/base_conv_transpose.py`.
public protocol TransposedConvolutionLayer: SingleInputLayer {
  /// The number of axes that windows go along.
  static var spatialRank: Int { get }
  var convolution: TransposedConvolutionSettings { get set }
  init(convolution: TransposedConvolutionSettings)
}

/// What a transposed convolution is told.
public struct TransposedConvolutionSettings: Sendable, Hashable {
  public var filters: Int
  public var windows: WindowSettings
  public var outputPadding: [Int]?
  public var activation: Activation
  public var useBias: Bool
  public var kernel: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?
}

public struct Conv1DTranspose: TransposedConvolutionLayer {
  public static let className = "Conv1DTranspose"
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var convolution: TransposedConvolutionSettings
  public init(convolution: TransposedConvolutionSettings) { self.convolution = convolution }
}

public struct Conv2DTranspose: TransposedConvolutionLayer {
  public static let className = "Conv2DTranspose"
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var convolution: TransposedConvolutionSettings
  public init(convolution: TransposedConvolutionSettings) { self.convolution = convolution }
}

public struct Conv3DTranspose: TransposedConvolutionLayer {
  public static let className = "Conv3DTranspose"
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var convolution: TransposedConvolutionSettings
  public init(convolution: TransposedConvolutionSettings) { self.convolution = convolution }
}

extension TransposedConvolutionLayer {
  public static var legacyKeys: [String: LegacyKey] { WindowSettings.legacyKeys }

  /// - Parameters:
  ///   - kernelSize: along every axis, as are `strides` and `dilationRate`.
  public init(
    filters: Int, kernelSize: Int, strides: Int = 1, padding: Padding = .valid,
    outputPadding: Int? = nil, dataFormat: DataFormat = .channelsLast, dilationRate: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    name: String? = nil, trainable: Bool = true
  ) {
    func all(_ value: Int) -> [Int] { .init(repeating: value, count: Self.spatialRank) }
    self.init(
      convolution: TransposedConvolutionSettings(
        filters: filters,
        windows: WindowSettings(
          rank: Self.spatialRank, kernelSize: all(kernelSize), strides: all(strides),
          padding: padding, dataFormat: dataFormat, dilationRate: all(dilationRate)),
        outputPadding: outputPadding.map(all), activation: activation, useBias: useBias,
        kernel: WeightSettings(kernelInitializer, regularizer: kernelRegularizer),
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer)))
    attributes = LayerAttributes(name: name, trainable: trainable)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    let windows = try WindowSettings(&config, rank: Self.spatialRank)
    var added = try config.sizes("output_padding", count: Self.spatialRank)
    if added == nil { added = try config.outputPadding(windows) }
    let settings = TransposedConvolutionSettings(
      filters: try config.count("filters"), windows: windows,
      outputPadding: added,
      activation: try config.activation("activation", default: .linear),
      useBias: try config.bool("use_bias", default: true),
      kernel: try config.weight("kernel", .glorotUniform),
      bias: try config.weight("bias", .zeros),
      activityRegularizer: try config.regularizer("activity_regularizer"))
    if try config.count("groups", default: 1) != 1 {
      throw config.unsupported("groups", "groups of a transposed convolution")
    }
    if let padding = settings.outputPadding {
      for (added, stride) in zip(padding, settings.windows.strides) where added >= stride {
        throw config.wrong("output_padding", "less than the stride \(stride)", .int(added))
      }
    }
    self.init(convolution: settings)
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    [
      "filters": .int(convolution.filters),
      "output_padding": convolution.outputPadding.map { .array($0.map(JSON.int)) } ?? .null,
      "activation": convolution.activation.json, "use_bias": .bool(convolution.useBias),
      "activity_regularizer": convolution.activityRegularizer?.json ?? .null,
    ].merging(convolution.windows.settings) { $1 }
      .merging(convolution.kernel.config("kernel")) { $1 }
      .merging(convolution.bias.config("bias")) { $1 }
  }

  public var activityRegularizer: Regularizer? { convolution.activityRegularizer }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let channels = try convolution.windows.channels(input)
    let filters = convolution.filters
    let kernel = try WeightSpec(
      "kernel", convolution.windows.kernelSize + [filters, channels], convolution.kernel)
    guard convolution.useBias else { return [kernel] }
    return [kernel, try WeightSpec("bias", [filters], convolution.bias)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    let windows = convolution.windows
    try input.requireRank(Self.spatialRank + 2)
    let filters = convolution.filters
    var output = input
    output[windows.channelAxis] =
      windows.dataFormat == .channelsLast
      ? convolution.activation.function?.outputWidth(filters) ?? filters : filters
    for (place, axis) in windows.dataFormat.spatialAxes(rank: input.rank).enumerated() {
      output[axis] = try input[axis].map { length throws(ModelGraphError) in
        try self.length(length, place, of: input)
      }
    }
    return output
  }

  /// What becomes of the length of an axis.
  private func length(
    _ length: Int, _ axis: Int, of input: LayerShape
  ) throws(ModelGraphError) -> Int {
    let windows = convolution.windows
    let (size, stride) = (windows.kernelSize[axis], windows.strides[axis])
    let window = (size - 1) * windows.dilationRate[axis] + 1
    let result: Int
    if let added = convolution.outputPadding?[axis] {
      let pad = windows.padding == .same ? size / 2 : 0
      result = (length - 1) * stride + window - 2 * pad + added
    } else {
      result = length * stride + (windows.padding == .same ? 0 : max(window - stride, 0))
    }
    guard length > 0, (1...LayerConfig.countLimit).contains(result) else {
      throw ModelGraphError(
        .inputShape(expected: "lengths that a result follows from", found: input))
    }
    return result
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let windows = convolution.windows
    let last = try windows.dataFormat.toChannelsLast(input)
    var lengths: [Int] = []
    for axis in 0..<Self.spatialRank {
      lengths.append(
        try length(last.shape[axis + 1], axis, of: LayerShape(last.shape.dimensions)))
    }
    var output = try last.convolvedTransposed(
      context.weight("kernel"), to: lengths, strides: windows.strides, padding: windows.padding,
      dilations: windows.dilationRate)
    if convolution.useBias { output = try output + context.weight("bias") }
    return try convolution.activation(windows.dataFormat.fromChannelsLast(output))
  }
}

extension LayerConfig {
  /// What Keras 1's shape of the output comes to as an addition to its lengths; nil where it adds nothing.
  fileprivate mutating func outputPadding(
    _ windows: WindowSettings
  ) throws(ModelGraphError) -> [Int]? {
    guard let stored = value("output_shape") else { return nil }
    let rank = windows.kernelSize.count
    guard let shape = LayerShape(json: stored), shape.rank == rank + 2 else {
      throw wrong("output_shape", "a list of \(rank + 2) sizes", stored)
    }
    var padding: [Int] = []
    var isUsual = true
    for (place, axis) in windows.dataFormat.spatialAxes(rank: shape.rank).enumerated() {
      let (size, stride) = (windows.kernelSize[place], windows.strides[place])
      guard let length = shape[axis], length > 0, length >= size || windows.padding == .same else {
        throw wrong("output_shape", "lengths that the windows fit in", stored)
      }
      // The length of the input, as a convolution makes it of the output's.
      let isSame = windows.padding == .same
      let input = isSame ? (length + stride - 1) / stride : (length - size) / stride + 1
      let usual = input * stride + (isSame ? 0 : max(size - stride, 0))
      isUsual = isUsual && length == usual
      padding.append(length - (input - 1) * stride - size + (isSame ? 2 * (size / 2) : 0))
    }
    return isUsual ? nil : padding
  }
}
