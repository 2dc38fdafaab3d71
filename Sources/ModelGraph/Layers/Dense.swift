/// A full connection of all features.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = activation(x · kernel + bias)`, on the last axis.
///
/// Shapes: `[N, …, D]` to `[N, …, H]`. Weights: `kernel` `[D, H]`, `bias` `[H]`.
/// Source: `keras/src/layers/core/dense.py`.
public struct Dense: SingleInputLayer {
  public static let className = "Dense"
  public static let legacyKeys: [String: LegacyKey] = [
    "output_dim": .renamed("units"), "init": .renamed("kernel_initializer"),
    "bias": .renamed("use_bias"), "W_regularizer": .renamed("kernel_regularizer"),
    "b_regularizer": .renamed("bias_regularizer"), "W_constraint": .renamed("kernel_constraint"),
    "b_constraint": .renamed("bias_constraint"), "input_dim": .dropped, "input_length": .dropped,
  ]

  public var attributes: LayerAttributes
  public var units: Int
  public var activation: Activation
  public var useBias: Bool
  public var kernel: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?

  public init(
    _ units: Int, activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.units = units
    self.activation = activation
    self.useBias = useBias
    kernel = WeightSettings(kernelInitializer, regularizer: kernelRegularizer)
    bias = WeightSettings(biasInitializer, regularizer: biasRegularizer)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    units = try config.count("units")
    activation = try config.activation("activation", default: .linear)
    useBias = try config.bool("use_bias", default: true)
    kernel = try config.weight("kernel", .glorotUniform)
    bias = try config.weight("bias", .zeros)
    activityRegularizer = try config.regularizer("activity_regularizer")
    try config.refuse("lora_rank", "quantization_config")
  }

  public var settings: [String: JSON] {
    var settings = kernel.config("kernel").merging(bias.config("bias")) { $1 }
    settings["units"] = .int(units)
    settings["activation"] = activation.json
    settings["use_bias"] = .bool(useBias)
    settings["activity_regularizer"] = activityRegularizer?.json
    return settings
  }

  public var passesMask: Bool { true }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    try input.requireRank(atLeast: 2)
    let kernel = try WeightSpec("kernel", [input.known(-1), units], kernel)
    return useBias ? [kernel, try WeightSpec("bias", [units], bias)] : [kernel]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(atLeast: 2)
    var output = input
    output[-1] = activation.function?.outputWidth(units) ?? units
    return output
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let outer = input.shape.dimensions.dropLast()
    let width = input.shape[input.rank - 1]
    let rows = input.rank == 2 ? input : try input.reshaped([outer.reduce(1, *), width])
    var output = try rows.matmul(context.weight("kernel"))
    if useBias { output = try output + context.weight("bias") }
    if input.rank > 2 { output = try output.reshaped(Shape(outer + [units])) }
    return try activation(output)
  }
}
