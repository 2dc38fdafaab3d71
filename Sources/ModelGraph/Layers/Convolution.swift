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

/// What a convolutional layer is told: a size, a stride and a dilation for each axis, and the rest.
public struct ConvolutionSettings: Sendable, Hashable {
  public var filters: Int
  public var kernelSize: [Int]
  public var strides: [Int]
  public var padding: Padding
  public var dataFormat: DataFormat
  public var dilationRate: [Int]
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
  public static var legacyKeys: [String: LegacyKey] {
    [
      "nb_filter": .renamed("filters"), "filter_length": .renamed("kernel_size"),
      "subsample_length": .renamed("strides"), "subsample": .renamed("strides"),
      "border_mode": .renamed("padding"), "dim_ordering": .renamed("data_format"),
      "atrous_rate": .renamed("dilation_rate"), "init": .renamed("kernel_initializer"),
      "bias": .renamed("use_bias"), "W_regularizer": .renamed("kernel_regularizer"),
      "b_regularizer": .renamed("bias_regularizer"), "W_constraint": .renamed("kernel_constraint"),
      "b_constraint": .renamed("bias_constraint"), "input_dim": .dropped, "input_length": .dropped,
    ]
  }

  /// In Keras 1 the size of a kernel had a key for each axis.
  private static var legacySizeKeys: [String] {
    [[], ["nb_row", "nb_col"], ["kernel_dim1", "kernel_dim2", "kernel_dim3"]][spatialRank - 1]
  }

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
    let ones = [Int](repeating: 1, count: Self.spatialRank)
    let settings = ConvolutionSettings(
      filters: filters, kernelSize: kernelSize, strides: strides ?? ones, padding: padding,
      dataFormat: dataFormat, dilationRate: dilationRate ?? ones, groups: groups,
      activation: activation, useBias: useBias,
      kernel: WeightSettings(kernelInitializer, regularizer: kernelRegularizer),
      bias: WeightSettings(biasInitializer, regularizer: biasRegularizer))
    precondition(
      [settings.kernelSize, settings.strides, settings.dilationRate].allSatisfy {
        $0.count == Self.spatialRank
      }, "\(Self.className) has windows along \(Self.spatialRank) axes")
    self.init(convolution: settings)
    attributes = LayerAttributes(name: name, trainable: trainable)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    let rank = Self.spatialRank
    let settings = ConvolutionSettings(
      filters: try config.count("filters"), kernelSize: try Self.kernelSize(&config),
      strides: try config.extents("strides", count: rank, default: 1),
      padding: try config.padding(
        "padding", allowed: [.valid, .same] + (rank == 1 ? [.causal] : [])),
      dataFormat: try config.dataFormat(),
      dilationRate: try config.extents("dilation_rate", count: rank, default: 1),
      groups: try config.count("groups", default: 1),
      activation: try config.activation("activation", default: .linear),
      useBias: try config.bool("use_bias", default: true),
      kernel: try config.weight("kernel", .glorotUniform),
      bias: try config.weight("bias", .zeros),
      activityRegularizer: try config.regularizer("activity_regularizer"))
    try config.refuse("lora_rank", "quantization_config")
    if settings.strides.contains(where: { $0 > 1 }),
      let dilation = settings.dilationRate.first(where: { $0 > 1 })
    {
      throw config.wrong("dilation_rate", "1 where strides is above 1", .int(dilation))
    }
    if settings.filters % settings.groups != 0 {
      throw config.wrong(
        "groups", "a divisor of filters = \(settings.filters)", .int(settings.groups))
    }
    self.init(convolution: settings)
    self.attributes = attributes
  }

  private static func kernelSize(_ config: inout LayerConfig) throws(ModelGraphError) -> [Int] {
    if let sizes = try config.extents("kernel_size", count: spatialRank) { return sizes }
    var sizes: [Int] = []
    for key in legacySizeKeys { sizes.append(try config.count(key)) }
    return sizes.isEmpty
      ? try config.extents("kernel_size", count: spatialRank, default: nil) : sizes
  }

  public var settings: [String: JSON] {
    func list(_ values: [Int]) -> JSON { .array(values.map(JSON.int)) }
    return [
      "filters": .int(convolution.filters), "kernel_size": list(convolution.kernelSize),
      "strides": list(convolution.strides), "padding": .string(convolution.padding.rawValue),
      "data_format": .string(convolution.dataFormat.rawValue),
      "dilation_rate": list(convolution.dilationRate), "groups": .int(convolution.groups),
      "activation": convolution.activation.json, "use_bias": .bool(convolution.useBias),
      "activity_regularizer": convolution.activityRegularizer?.json ?? .null,
    ].merging(convolution.kernel.config("kernel")) { $1 }
      .merging(convolution.bias.config("bias")) { $1 }
  }

  public var activityRegularizer: Regularizer? { convolution.activityRegularizer }

  /// The axis of the channels.
  private var channelAxis: Int { convolution.dataFormat == .channelsLast ? -1 : 1 }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    try input.requireRank(Self.spatialRank + 2)
    let channels = try input.known(channelAxis)
    let (groups, filters) = (convolution.groups, convolution.filters)
    guard channels > 0, channels % groups == 0 else {
      throw ModelGraphError(
        .inputShape(expected: "channels in \(groups) equal groups", found: input))
    }
    let kernel = try WeightSpec(
      "kernel", convolution.kernelSize + [channels / groups, filters], convolution.kernel)
    guard convolution.useBias else { return [kernel] }
    return [kernel, try WeightSpec("bias", [filters], convolution.bias)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(Self.spatialRank + 2)
    let filters = convolution.filters
    var output = input
    output[channelAxis] =
      convolution.dataFormat == .channelsLast
      ? convolution.activation.function?.outputWidth(filters) ?? filters : filters
    for (place, axis) in convolution.dataFormat.spatialAxes(rank: input.rank).enumerated() {
      output[axis] = try convolution.padding.steps(
        input[axis], size: convolution.kernelSize[place], stride: convolution.strides[place],
        dilation: convolution.dilationRate[place], of: input)
    }
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let format = convolution.dataFormat
    var output = try format.toChannelsLast(input).convolved(
      context.weight("kernel"), strides: convolution.strides, padding: convolution.padding,
      dilations: convolution.dilationRate, groups: convolution.groups)
    if convolution.useBias { output = try output + context.weight("bias") }
    return try convolution.activation(format.fromChannelsLast(output))
  }
}
