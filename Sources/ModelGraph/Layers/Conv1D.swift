/// A convolution along time.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y[t] = activation(Σₖ x[t·stride + k·dilation] · kernel[k] + bias)`.
///
/// Shapes: `[N, T, C]` to `[N, T', F]`; with `channelsFirst` the last two axes are the other way
/// round. Weights: `kernel` `[K, C / groups, F]`, `bias` `[F]`.
/// Source: `keras/src/layers/convolutional/base_conv.py`.
public struct Conv1D: SingleInputLayer {
  public static let className = "Conv1D"
  public static let legacyKeys: [String: LegacyKey] = [
    "nb_filter": .renamed("filters"), "filter_length": .renamed("kernel_size"),
    "subsample_length": .renamed("strides"), "subsample": .renamed("strides"),
    "border_mode": .renamed("padding"), "atrous_rate": .renamed("dilation_rate"),
    "init": .renamed("kernel_initializer"), "bias": .renamed("use_bias"),
    "W_regularizer": .renamed("kernel_regularizer"), "b_regularizer": .renamed("bias_regularizer"),
    "W_constraint": .renamed("kernel_constraint"), "b_constraint": .renamed("bias_constraint"),
    "input_dim": .dropped, "input_length": .dropped,
  ]

  public var attributes: LayerAttributes
  public var filters: Int
  public var kernelSize: Int
  public var strides: Int
  public var padding: Padding
  public var dataFormat: DataFormat
  public var dilationRate: Int
  public var groups: Int
  public var activation: Activation
  public var useBias: Bool
  public var kernel: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?

  public init(
    filters: Int, kernelSize: Int, strides: Int = 1, padding: Padding = .valid,
    dataFormat: DataFormat = .channelsLast, dilationRate: Int = 1, groups: Int = 1,
    activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.dataFormat = dataFormat
    self.dilationRate = dilationRate
    self.groups = groups
    self.activation = activation
    self.useBias = useBias
    kernel = WeightSettings(kernelInitializer, regularizer: kernelRegularizer)
    bias = WeightSettings(biasInitializer, regularizer: biasRegularizer)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    filters = try config.count("filters")
    kernelSize = try config.extent("kernel_size")
    strides = try config.extent("strides", default: 1)
    padding = try config.padding("padding", allowed: [.valid, .same, .causal])
    dataFormat = try config.choice("data_format", default: .channelsLast)
    dilationRate = try config.extent("dilation_rate", default: 1)
    groups = try config.count("groups", default: 1)
    activation = try config.activation("activation", default: .linear)
    useBias = try config.bool("use_bias", default: true)
    kernel = try config.weight("kernel", .glorotUniform)
    bias = try config.weight("bias", .zeros)
    activityRegularizer = try config.regularizer("activity_regularizer")
    try config.refuse("lora_rank", "quantization_config")
    if strides > 1, dilationRate > 1 {
      throw config.wrong("dilation_rate", "1 where strides is above 1", .int(dilationRate))
    }
    if filters % groups != 0 {
      throw config.wrong("groups", "a divisor of filters = \(filters)", .int(groups))
    }
  }

  public var settings: [String: JSON] {
    [
      "filters": .int(filters), "kernel_size": [.int(kernelSize)], "strides": [.int(strides)],
      "padding": .string(padding.rawValue), "data_format": .string(dataFormat.rawValue),
      "dilation_rate": [.int(dilationRate)], "groups": .int(groups),
      "activation": activation.json, "use_bias": .bool(useBias),
      "activity_regularizer": activityRegularizer?.json ?? .null,
    ].merging(kernel.config("kernel")) { $1 }.merging(bias.config("bias")) { $1 }
  }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    try input.requireRank(3)
    let channels = try input.known(dataFormat.channelAxis)
    guard channels > 0, channels % groups == 0 else {
      throw ModelGraphError(
        .inputShape(expected: "channels in \(groups) equal groups", found: input))
    }
    let kernel = try WeightSpec("kernel", [kernelSize, channels / groups, filters], kernel)
    return useBias ? [kernel, try WeightSpec("bias", [filters], bias)] : [kernel]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(3)
    var output = input
    output[dataFormat.channelAxis] =
      dataFormat == .channelsLast ? activation.function?.outputWidth(filters) ?? filters : filters
    let steps = dataFormat.stepAxis
    output[steps] = try padding.steps(
      input[steps], size: kernelSize, stride: strides, dilation: dilationRate, of: input)
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let last = try dataFormat.toChannelsLast(input)
    var output = try last.conv1D(
      context.weight("kernel"), strides: strides, padding: padding, dilation: dilationRate,
      groups: groups)
    if useBias { output = try output + context.weight("bias") }
    return try activation(dataFormat.fromChannelsLast(output))
  }
}
