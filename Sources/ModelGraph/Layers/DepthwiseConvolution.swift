/// Convolutions of every channel by itself.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y[t, c·M + m] = activation(Σₖ x[t·stride + k·dilation, c] · kernel[k, c, m] + bias[c·M + m])`.
///
/// Shapes: `[N, T, C]` to `[N, T', C·M]`, with two axes `[N, A, B, C]`; with `channelsFirst` the last axis is
/// the second. A mask ends here. Weights: `kernel` `[K…, C, M]` (Keras 2 names it `depthwise_kernel`), `bias`
/// `[C·M]`. Source: `keras/src/layers/convolutional/base_depthwise_conv.py`.
public protocol DepthwiseConvolutionLayer: SingleInputLayer {
  /// The number of axes that windows go along.
  static var spatialRank: Int { get }
  var convolution: DepthwiseConvolutionSettings { get set }
  init(convolution: DepthwiseConvolutionSettings)
}

/// What a depthwise convolution is told.
public struct DepthwiseConvolutionSettings: Sendable, Hashable {
  public var windows: WindowSettings
  /// M: the results of each channel.
  public var depthMultiplier: Int
  public var activation: Activation
  public var useBias: Bool
  public var depthwise: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?
}

public struct DepthwiseConv1D: DepthwiseConvolutionLayer {
  public static let className = "DepthwiseConv1D"
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var convolution: DepthwiseConvolutionSettings
  public init(convolution: DepthwiseConvolutionSettings) { self.convolution = convolution }
}

public struct DepthwiseConv2D: DepthwiseConvolutionLayer {
  public static let className = "DepthwiseConv2D"
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var convolution: DepthwiseConvolutionSettings
  public init(convolution: DepthwiseConvolutionSettings) { self.convolution = convolution }
}

extension DepthwiseConvolutionLayer {
  public static var legacyKeys: [String: LegacyKey] { WindowSettings.legacyKeys }

  /// - Parameters:
  ///   - kernelSize: along every axis, as are `strides` and `dilationRate`.
  public init(
    kernelSize: Int, strides: Int = 1, padding: Padding = .valid, depthMultiplier: Int = 1,
    dataFormat: DataFormat = .channelsLast, dilationRate: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    depthwiseInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    depthwiseRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    name: String? = nil, trainable: Bool = true
  ) {
    func all(_ value: Int) -> [Int] { .init(repeating: value, count: Self.spatialRank) }
    self.init(
      convolution: DepthwiseConvolutionSettings(
        windows: WindowSettings(
          rank: Self.spatialRank, kernelSize: all(kernelSize), strides: all(strides),
          padding: padding, dataFormat: dataFormat, dilationRate: all(dilationRate)),
        depthMultiplier: depthMultiplier, activation: activation, useBias: useBias,
        depthwise: WeightSettings(depthwiseInitializer, regularizer: depthwiseRegularizer),
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer)))
    attributes = LayerAttributes(name: name, trainable: trainable)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    // Keras 2 keeps the keys of a convolution, which it does not use.
    config.ignore(
      "filters", "groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")
    self.init(
      convolution: DepthwiseConvolutionSettings(
        windows: try WindowSettings(&config, rank: Self.spatialRank),
        depthMultiplier: try config.count("depth_multiplier", default: 1),
        activation: try config.activation("activation", default: .linear),
        useBias: try config.bool("use_bias", default: true),
        depthwise: try config.weight("depthwise", .glorotUniform),
        bias: try config.weight("bias", .zeros),
        activityRegularizer: try config.regularizer("activity_regularizer")))
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    [
      "depth_multiplier": .int(convolution.depthMultiplier),
      "activation": convolution.activation.json, "use_bias": .bool(convolution.useBias),
      "activity_regularizer": convolution.activityRegularizer?.json ?? .null,
    ].merging(convolution.windows.settings) { $1 }
      .merging(convolution.depthwise.config("depthwise")) { $1 }
      .merging(convolution.bias.config("bias")) { $1 }
  }

  public var activityRegularizer: Regularizer? { convolution.activityRegularizer }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let channels = try convolution.windows.channels(input)
    let kernel = try WeightSpec(
      "kernel", convolution.windows.kernelSize + [channels, convolution.depthMultiplier],
      convolution.depthwise)
    guard convolution.useBias else { return [kernel] }
    let filters = try product(channels, convolution.depthMultiplier)
    return [kernel, try WeightSpec("bias", [filters], convolution.bias)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    let channels = try convolution.windows.channels(input)
    return try convolution.windows.outputShape(
      input, filters: product(channels, convolution.depthMultiplier), convolution.activation)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let windows = convolution.windows
    var output = try windows.dataFormat.toChannelsLast(input)
      .convolvedByChannel(context.weight("kernel"), windows)
    if convolution.useBias { output = try output + context.weight("bias") }
    return try convolution.activation(windows.dataFormat.fromChannelsLast(output))
  }
}

/// - Throws: `ModelGraphError` where the channels are too many to count.
func product(_ channels: Int, _ multiplier: Int) throws(ModelGraphError) -> Int {
  let (filters, overflow) = channels.multipliedReportingOverflow(by: multiplier)
  guard !overflow, filters <= LayerConfig.countLimit else {
    throw ModelGraphError(.tooLarge(what: "\(channels) channels times \(multiplier)"))
  }
  return filters
}

extension Value {
  /// The convolution of each channel of this [N, …, C] by its own kernels [K…, C, M]: [N, …′, C·M].
  func convolvedByChannel(
    _ kernel: Value, _ windows: WindowSettings
  ) throws(EngineError) -> Value {
    let sizes = kernel.shape.dimensions.dropLast(2)
    let (channels, multiplier) = (kernel.shape[sizes.count], kernel.shape[sizes.count + 1])
    return try convolved(
      kernel.reshaped(Shape(sizes + [1, channels * multiplier])), strides: windows.strides,
      padding: windows.padding, dilations: windows.dilationRate, groups: channels)
  }
}
