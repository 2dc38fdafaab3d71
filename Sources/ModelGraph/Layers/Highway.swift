/// A full connection that lets a part of its input pass.
public import Engine
public import KerasCheckpoint

/// `y = t · activation(x · kernel + bias) + (1 - t) · x`, `t = sigmoid(x · carry_kernel + carry_bias)`.
///
/// Shapes: `[N, D]` to the same. Weights: `kernel` and `carry_kernel` `[D, D]`, `bias` and `carry_bias` `[D]`.
/// Keras 1 alone has it. Source: `keras/layers/core.py` of Keras 1.2.2; Srivastava et al. 2015,
/// arXiv:1505.00387.
public struct Highway: SingleInputLayer {
  public static let className = "Highway"
  public static let legacyKeys = Dense.legacyKeys.merging(["transform_bias": .dropped]) { $1 }

  public var attributes: LayerAttributes
  public var activation: Activation
  public var useBias: Bool
  public var kernel: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    activation = try config.activation("activation", default: .linear)
    useBias = try config.bool("use_bias", default: true)
    kernel = try config.weight("kernel", .glorotUniform)
    bias = try config.weight("bias", .zeros)
    activityRegularizer = try config.regularizer("activity_regularizer")
  }

  public var settings: [String: JSON] {
    var settings = kernel.config("kernel").merging(bias.config("bias")) { $1 }
    settings["activation"] = activation.json
    settings["use_bias"] = .bool(useBias)
    settings["activity_regularizer"] = activityRegularizer?.json ?? .null
    return settings
  }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    try input.requireRank(2)
    let width = try input.known(1)
    var specs = [
      try WeightSpec("kernel", [width, width], kernel),
      try WeightSpec("carry_kernel", [width, width], WeightSettings(kernel.initializer)),
    ]
    if useBias {
      specs.append(try WeightSpec("bias", [width], bias))
      specs.append(try WeightSpec("carry_bias", [width], WeightSettings(.ones)))
    }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    var (made, carried) = (
      try input.matmul(context.weight("kernel")), try input.matmul(context.weight("carry_kernel"))
    )
    if useBias {
      made = try made + context.weight("bias")
      carried = try carried + context.weight("carry_bias")
    }
    let share = try carried.apply(.sigmoid)
    return try input + share * (activation(made) - input)
  }
}
