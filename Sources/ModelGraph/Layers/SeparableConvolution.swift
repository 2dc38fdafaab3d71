/// Convolutions of every channel by itself, followed by one of single positions.
public import Engine
public import KerasCheckpoint
import Tensors

/// `z[t, c·M + m] = Σₖ x[t·stride + k·dilation, c] · depthwise[k, c, m]`, then
/// `y[t] = activation(z[t] · pointwise + bias)`.
///
/// Shapes: `[N, T, C]` to `[N, T', F]`, with two axes `[N, A, B, C]`; with `channelsFirst` the last axis is the
/// second. A mask ends here. Weights: `depthwise_kernel` `[K…, C, M]`, `pointwise_kernel` `[1…, C·M, F]`,
/// `bias` `[F]`. Source: `keras/src/layers/convolutional/base_separable_conv.py`; Chollet 2017,
/// arXiv:1610.02357.
public protocol SeparableConvolutionLayer: SingleInputLayer {
  /// The number of axes that windows go along.
  static var spatialRank: Int { get }
  var convolution: SeparableConvolutionSettings { get set }
  init(convolution: SeparableConvolutionSettings)
}

/// What a separable convolution is told.
public struct SeparableConvolutionSettings: Sendable, Hashable {
  public var filters: Int
  public var windows: WindowSettings
  /// M: the results of each channel before they are mixed.
  public var depthMultiplier: Int
  public var activation: Activation
  public var useBias: Bool
  public var depthwise: WeightSettings
  public var pointwise: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?
}

public struct SeparableConv1D: SeparableConvolutionLayer {
  public static let className = "SeparableConv1D"
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var convolution: SeparableConvolutionSettings
  public init(convolution: SeparableConvolutionSettings) { self.convolution = convolution }
}

public struct SeparableConv2D: SeparableConvolutionLayer {
  public static let className = "SeparableConv2D"
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var convolution: SeparableConvolutionSettings
  public init(convolution: SeparableConvolutionSettings) { self.convolution = convolution }
}

extension SeparableConvolutionLayer {
  public static var legacyKeys: [String: LegacyKey] {
    WindowSettings.legacyKeys.merging([
      "depthwise_init": .renamed("depthwise_initializer"),
      "pointwise_init": .renamed("pointwise_initializer"),
    ]) { $1 }
  }

  /// - Parameters:
  ///   - kernelSize: along every axis, as are `strides` and `dilationRate`.
  public init(
    filters: Int, kernelSize: Int, strides: Int = 1, padding: Padding = .valid,
    dataFormat: DataFormat = .channelsLast, dilationRate: Int = 1, depthMultiplier: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    depthwiseInitializer: Initializer = .glorotUniform,
    pointwiseInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    name: String? = nil, trainable: Bool = true
  ) {
    func all(_ value: Int) -> [Int] { .init(repeating: value, count: Self.spatialRank) }
    self.init(
      convolution: SeparableConvolutionSettings(
        filters: filters,
        windows: WindowSettings(
          rank: Self.spatialRank, kernelSize: all(kernelSize), strides: all(strides),
          padding: padding, dataFormat: dataFormat, dilationRate: all(dilationRate)),
        depthMultiplier: depthMultiplier, activation: activation, useBias: useBias,
        depthwise: WeightSettings(depthwiseInitializer),
        pointwise: WeightSettings(pointwiseInitializer), bias: WeightSettings(biasInitializer)))
    attributes = LayerAttributes(name: name, trainable: trainable)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    // Keras 2 keeps the keys of a convolution, which it does not use.
    config.ignore("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")
    self.init(
      convolution: SeparableConvolutionSettings(
        filters: try config.count("filters"),
        windows: try WindowSettings(
          &config, rank: Self.spatialRank,
          allowed: [.valid, .same] + (Self.spatialRank == 1 ? [.causal] : [])),
        depthMultiplier: try config.count("depth_multiplier", default: 1),
        activation: try config.activation("activation", default: .linear),
        useBias: try config.bool("use_bias", default: true),
        depthwise: try config.weight("depthwise", .glorotUniform),
        pointwise: try config.weight("pointwise", .glorotUniform),
        bias: try config.weight("bias", .zeros),
        activityRegularizer: try config.regularizer("activity_regularizer")))
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    [
      "filters": .int(convolution.filters),
      "depth_multiplier": .int(convolution.depthMultiplier),
      "activation": convolution.activation.json, "use_bias": .bool(convolution.useBias),
      "activity_regularizer": convolution.activityRegularizer?.json ?? .null,
    ].merging(convolution.windows.settings) { $1 }
      .merging(convolution.depthwise.config("depthwise")) { $1 }
      .merging(convolution.pointwise.config("pointwise")) { $1 }
      .merging(convolution.bias.config("bias")) { $1 }
  }

  public var activityRegularizer: Regularizer? { convolution.activityRegularizer }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let channels = try convolution.windows.channels(input)
    let (multiplier, filters) = (convolution.depthMultiplier, convolution.filters)
    let ones = [Int](repeating: 1, count: Self.spatialRank)
    var specs = [
      try WeightSpec(
        "depthwise_kernel", convolution.windows.kernelSize + [channels, multiplier],
        convolution.depthwise),
      try WeightSpec(
        "pointwise_kernel", ones + [product(channels, multiplier), filters],
        convolution.pointwise),
    ]
    if convolution.useBias { specs.append(try WeightSpec("bias", [filters], convolution.bias)) }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try convolution.windows.outputShape(
      input, filters: convolution.filters, convolution.activation)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let windows = convolution.windows
    var output = try windows.dataFormat.toChannelsLast(input)
      .convolvedByChannel(context.weight("depthwise_kernel"), windows)
      .convolved(context.weight("pointwise_kernel"))
    if convolution.useBias { output = try output + context.weight("bias") }
    return try convolution.activation(windows.dataFormat.fromChannelsLast(output))
  }
}
