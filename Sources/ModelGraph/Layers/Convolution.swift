/// Convolutions along one to three axes.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y[t] = activation(Σₖ x[t·stride + k·dilation] · kernel[k] + bias)`, t and k along every axis between
/// batch and channels.
///
/// Shapes: `[N, T, C]` to `[N, T', F]`, with two such axes `[N, A, B, C]`, with three `[N, A, B, D, C]`;
/// with `channelsFirst` the last axis is the second. A mask ends here. Weights: `kernel`
/// `[K…, C / groups, F]`, `bias` `[F]`.
/// Source: `keras/src/layers/convolutional/base_conv.py`.
public protocol ConvolutionLayer: SingleInputLayer {
  /// The number of axes that windows go along.
  static var spatialRank: Int { get }
  var convolution: ConvolutionSettings { get set }
  init(convolution: ConvolutionSettings)
}

/// What a convolutional layer is told.
public struct ConvolutionSettings: Sendable, Hashable {
  public var filters: Int
  public var windows: WindowSettings
  public var groups: Int
  public var activation: Activation
  public var useBias: Bool
  public var kernel: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?
}

public struct Conv1D: ConvolutionLayer {
  public static let className = "Conv1D"
  public static let spatialRank = 1
  public var attributes = LayerAttributes()
  public var convolution: ConvolutionSettings
  public init(convolution: ConvolutionSettings) { self.convolution = convolution }
}

public struct Conv2D: ConvolutionLayer {
  public static let className = "Conv2D"
  public static let spatialRank = 2
  public var attributes = LayerAttributes()
  public var convolution: ConvolutionSettings
  public init(convolution: ConvolutionSettings) { self.convolution = convolution }
}

public struct Conv3D: ConvolutionLayer {
  public static let className = "Conv3D"
  public static let spatialRank = 3
  public var attributes = LayerAttributes()
  public var convolution: ConvolutionSettings
  public init(convolution: ConvolutionSettings) { self.convolution = convolution }
}

extension ConvolutionLayer {
  public static var legacyKeys: [String: LegacyKey] { WindowSettings.legacyKeys }

  /// - Parameters:
  ///   - kernelSize: along every axis, as are `strides` and `dilationRate`.
  public init(
    filters: Int, kernelSize: Int, strides: Int = 1, padding: Padding = .valid,
    dataFormat: DataFormat = .channelsLast, dilationRate: Int = 1, groups: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    name: String? = nil, trainable: Bool = true
  ) {
    func all(_ value: Int) -> [Int] { .init(repeating: value, count: Self.spatialRank) }
    self.init(
      filters: filters, kernelSize: all(kernelSize), strides: all(strides), padding: padding,
      dataFormat: dataFormat, dilationRate: all(dilationRate), groups: groups,
      activation: activation, useBias: useBias, kernelInitializer: kernelInitializer,
      biasInitializer: biasInitializer, kernelRegularizer: kernelRegularizer,
      biasRegularizer: biasRegularizer, name: name, trainable: trainable)
  }

  /// - Parameters:
  ///   - strides: 1 unless given, as is `dilationRate`.
  /// - Precondition: there is one of each for every axis.
  public init(
    filters: Int, kernelSize: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    dataFormat: DataFormat = .channelsLast, dilationRate: [Int]? = nil, groups: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    name: String? = nil, trainable: Bool = true
  ) {
    self.init(
      convolution: ConvolutionSettings(
        filters: filters,
        windows: WindowSettings(
          rank: Self.spatialRank, kernelSize: kernelSize, strides: strides, padding: padding,
          dataFormat: dataFormat, dilationRate: dilationRate),
        groups: groups, activation: activation, useBias: useBias,
        kernel: WeightSettings(kernelInitializer, regularizer: kernelRegularizer),
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer)))
    attributes = LayerAttributes(name: name, trainable: trainable)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    let rank = Self.spatialRank
    let settings = ConvolutionSettings(
      filters: try config.count("filters"),
      windows: try WindowSettings(
        &config, rank: rank, allowed: [.valid, .same] + (rank == 1 ? [.causal] : [])),
      groups: try config.count("groups", default: 1),
      activation: try config.activation("activation", default: .linear),
      useBias: try config.bool("use_bias", default: true),
      kernel: try config.weight("kernel", .glorotUniform),
      bias: try config.weight("bias", .zeros),
      activityRegularizer: try config.regularizer("activity_regularizer"))
    try config.refuse("lora_rank", "quantization_config")
    if settings.filters % settings.groups != 0 {
      throw config.wrong(
        "groups", "a divisor of filters = \(settings.filters)", .int(settings.groups))
    }
    self.init(convolution: settings)
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    [
      "filters": .int(convolution.filters), "groups": .int(convolution.groups),
      "activation": convolution.activation.json, "use_bias": .bool(convolution.useBias),
      "activity_regularizer": convolution.activityRegularizer?.json ?? .null,
    ].merging(convolution.windows.settings) { $1 }
      .merging(convolution.kernel.config("kernel")) { $1 }
      .merging(convolution.bias.config("bias")) { $1 }
  }

  public var activityRegularizer: Regularizer? { convolution.activityRegularizer }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let channels = try convolution.windows.channels(input)
    let (groups, filters) = (convolution.groups, convolution.filters)
    guard channels % groups == 0 else {
      throw ModelGraphError(
        .inputShape(expected: "channels in \(groups) equal groups", found: input))
    }
    let kernel = try WeightSpec(
      "kernel", convolution.windows.kernelSize + [channels / groups, filters], convolution.kernel)
    guard convolution.useBias else { return [kernel] }
    return [kernel, try WeightSpec("bias", [filters], convolution.bias)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try convolution.windows.outputShape(
      input, filters: convolution.filters, convolution.activation)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let windows = convolution.windows
    var output = try windows.dataFormat.toChannelsLast(input).convolved(
      context.weight("kernel"), strides: windows.strides, padding: windows.padding,
      dilations: windows.dilationRate, groups: convolution.groups)
    if convolution.useBias { output = try output + context.weight("bias") }
    return try convolution.activation(windows.dataFormat.fromChannelsLast(output))
  }
}
