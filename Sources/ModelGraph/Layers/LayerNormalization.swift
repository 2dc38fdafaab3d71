/// Features of each example brought to mean 0 and variance 1.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = gamma · (x - mean) / √(variance + epsilon) + beta`, mean and variance being those of each example
/// along `axes`. With `rmsScaling`, which Keras keeps for old models, `y = gamma · x / √(variance +
/// epsilon)`.
///
/// Weights, as long as the axes: `gamma`, `beta`.
/// Source: `keras/src/layers/normalization/layer_normalization.py`; Ba, Kiros and Hinton 2016,
/// arXiv:1607.06450.
public struct LayerNormalization: SingleInputLayer {
  public static let className = "LayerNormalization"

  public var attributes: LayerAttributes
  public var axes: Axes
  public var epsilon: Double
  public var center: Bool
  public var scale: Bool
  public var rmsScaling = false
  public var beta: WeightSettings
  public var gamma: WeightSettings

  public init(
    axis: Axes = -1, epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
    betaInitializer: Initializer = .zeros, gammaInitializer: Initializer = .ones,
    name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    axes = axis
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    beta = WeightSettings(betaInitializer)
    gamma = WeightSettings(gammaInitializer)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    axes = try config.sortedAxes("axis", default: -1)
    epsilon = try config.number("epsilon", default: 1e-3)
    center = try config.bool("center", default: true)
    scale = try config.bool("scale", default: true)
    rmsScaling = try config.bool("rms_scaling", default: false)
    beta = try config.weight("beta", .zeros)
    gamma = try config.weight("gamma", .ones)
  }

  public var settings: [String: JSON] {
    var settings = beta.config("beta").merging(gamma.config("gamma")) { $1 }
    settings["axis"] = axes.json
    settings["epsilon"] = .number(epsilon)
    settings["center"] = .bool(center)
    settings["scale"] = .bool(scale)
    settings["rms_scaling"] = .bool(rmsScaling)
    return settings
  }

  public var passesMask: Bool { true }

  private var hasGamma: Bool { scale || rmsScaling }
  private var hasBeta: Bool { center && !rmsScaling }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let shape = try axes.extents(of: input)
    var specs: [WeightSpec] = []
    if hasGamma { specs.append(try WeightSpec("gamma", shape, gamma)) }
    if hasBeta { specs.append(try WeightSpec("beta", shape, beta)) }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    _ = try axes.places(of: input)
    return input
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let places = try axes.places(of: LayerShape(input.shape.dimensions))
    return try input.asRows(along: places) { rows in
      let width: Shape = [rows.shape[1]]
      let gamma =
        hasGamma
        ? try context.weight("gamma").reshaped(width) : try context.builder.constant(1, width)
      let beta =
        hasBeta
        ? try context.weight("beta").reshaped(width) : try context.builder.constant(0, width)
      guard rmsScaling else {
        return try rows.rowsNormalized(gamma: gamma, beta: beta, epsilon: Float(epsilon))
      }
      let mean = try rows.mean(axes: [1], keepDims: true)
      let variance = try (rows - mean).apply(.square).mean(axes: [1], keepDims: true)
      return try rows * variance.adding(Float(epsilon)).apply(.rsqrt) * gamma
    }
  }
}
