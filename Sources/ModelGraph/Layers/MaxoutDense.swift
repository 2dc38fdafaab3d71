/// The greatest of several full connections.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = maxⱼ (x · kernelⱼ + biasⱼ)`, j from 0 to K - 1.
///
/// Shapes: `[N, D]` to `[N, H]`. Weights: `kernel` `[K, D, H]`, `bias` `[K, H]`. Keras 1 alone has it.
/// Source: `keras/layers/core.py` of Keras 1.2.2; Goodfellow et al. 2013, arXiv:1302.4389.
public struct MaxoutDense: SingleInputLayer {
  public static let className = "MaxoutDense"
  public static let legacyKeys = Dense.legacyKeys

  public var attributes: LayerAttributes
  public var units: Int
  /// K: how many connections there are.
  public var features: Int
  public var useBias: Bool
  public var kernel: WeightSettings
  public var bias: WeightSettings
  public var activityRegularizer: Regularizer?

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    units = try config.count("units")
    features = try config.count("nb_feature", default: 4)
    useBias = try config.bool("use_bias", default: true)
    kernel = try config.weight("kernel", .glorotUniform)
    bias = try config.weight("bias", .zeros)
    activityRegularizer = try config.regularizer("activity_regularizer")
  }

  public var settings: [String: JSON] {
    var settings = kernel.config("kernel").merging(bias.config("bias")) { $1 }
    settings["units"] = .int(units)
    settings["nb_feature"] = .int(features)
    settings["use_bias"] = .bool(useBias)
    settings["activity_regularizer"] = activityRegularizer?.json ?? .null
    return settings
  }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    try input.requireRank(2)
    let kernel = try WeightSpec("kernel", [features, input.known(1), units], kernel)
    return useBias ? [kernel, try WeightSpec("bias", [features, units], bias)] : [kernel]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(2)
    return [input[0], units]
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let width = try product(features, units)
    let kernel = try context.weight("kernel").transposed([1, 0, 2])
      .reshaped([input.shape[1], width])
    var output = try input.matmul(kernel)
    if useBias { output = try output + context.weight("bias").reshaped([width]) }
    return try output.reshaped([input.shape[0], features, units]).max(axes: [1])
  }
}
