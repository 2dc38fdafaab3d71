/// Features brought to mean 0 and variance 1.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = gamma · (x - mean) / √(variance + epsilon) + beta`, for each place along `axis`.
///
/// In training mean and variance are the batch's (the variance divides by the count, not by the count
/// less 1), and the running ones move: `moving = moving · momentum + batch · (1 - momentum)`. In
/// inference, and where the layer is frozen, they are the running ones. With a mask only the steps
/// that count enter the batch's.
///
/// Weights, each `[C]`: `gamma`, `beta`, and not trained `moving_mean`, `moving_variance`.
/// Source: `keras/src/layers/normalization/batch_normalization.py`; Ioffe and Szegedy 2015,
/// arXiv:1502.03167.
public struct BatchNormalization: SingleInputLayer {
  public static let className = "BatchNormalization"
  public static let legacyKeys: [String: LegacyKey] = [
    "gamma_init": .renamed("gamma_initializer"), "beta_init": .renamed("beta_initializer"),
    "fused": .dropped,
  ]

  public var attributes: LayerAttributes
  public var axis: Int
  public var momentum: Double
  public var epsilon: Double
  public var center: Bool
  public var scale: Bool
  public var beta: WeightSettings
  public var gamma: WeightSettings
  public var movingMean: WeightSettings
  public var movingVariance: WeightSettings

  public init(
    axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: Initializer = .zeros,
    gammaInitializer: Initializer = .ones, movingMeanInitializer: Initializer = .zeros,
    movingVarianceInitializer: Initializer = .ones, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.axis = axis
    self.momentum = momentum
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    beta = WeightSettings(betaInitializer)
    gamma = WeightSettings(gammaInitializer)
    movingMean = WeightSettings(movingMeanInitializer)
    movingVariance = WeightSettings(movingVarianceInitializer)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    // Keras 2 wrote a list of one axis.
    axis = try config.integerOrList("axis", default: -1)
    momentum = try config.number("momentum", default: 0.99)
    epsilon = try config.number("epsilon", default: 1e-3)
    center = try config.bool("center", default: true)
    scale = try config.bool("scale", default: true)
    beta = try config.weight("beta", .zeros)
    gamma = try config.weight("gamma", .ones)
    movingMean = try config.weight("moving_mean", .zeros)
    movingVariance = try config.weight("moving_variance", .ones)
    if try config.bool("renorm", default: false) {
      throw config.unsupported("renorm", "renorm = true")
    }
    try config.refuse("virtual_batch_size", "adjustment")
    // Keras 1 could normalise each example for itself.
    if try config.integer("mode", default: 0) != 0 {
      throw config.unsupported("mode", "a mode other than 0")
    }
  }

  public var settings: [String: JSON] {
    var settings = beta.config("beta").merging(gamma.config("gamma")) { $1 }
    settings["axis"] = .int(axis)
    settings["momentum"] = .number(momentum)
    settings["epsilon"] = .number(epsilon)
    settings["center"] = .bool(center)
    settings["scale"] = .bool(scale)
    settings["moving_mean_initializer"] = movingMean.initializer.json
    settings["moving_variance_initializer"] = movingVariance.initializer.json
    return settings
  }

  public var passesMask: Bool { true }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let place = try place(input)
    let shape = [try input.known(place)]
    var specs: [WeightSpec] = []
    if scale { specs.append(try WeightSpec("gamma", shape, gamma)) }
    if center { specs.append(try WeightSpec("beta", shape, beta)) }
    specs.append(try WeightSpec("moving_mean", shape, movingMean, isTrained: false))
    specs.append(try WeightSpec("moving_variance", shape, movingVariance, isTrained: false))
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    _ = try place(input)
    return input
  }

  /// The axis counted from the front.
  private func place(_ input: LayerShape) throws(ModelGraphError) -> Int {
    let place = axis < 0 ? axis + input.rank : axis
    guard input.extents.indices.contains(place) else {
      throw ModelGraphError(.inputShape(expected: "an axis \(axis)", found: input))
    }
    return place
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let input = try inputs.single()
    let x = input.value
    guard context.mode == .training, trainable else {
      return [Signal(try call(x, context), mask: input.mask)]
    }
    let (mean, variance) = try moments(x, input.mask)
    try move("moving_mean", to: mean, context)
    try move("moving_variance", to: variance, context)
    return [Signal(try normalised(x, mean, variance, context), mask: input.mask)]
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try normalised(
      input, spread(context.weight("moving_mean"), input),
      spread(context.weight("moving_variance"), input), context)
  }

  /// `x · s + (beta - mean · s)` with `s = gamma / √(variance + epsilon)`, so that the whole input is
  /// passed once.
  private func normalised(
    _ x: Value, _ mean: Value, _ variance: Value, _ context: LayerContext
  ) throws -> Value {
    var factor = try variance.adding(Float(epsilon)).apply(.rsqrt)
    if scale { factor = try factor * spread(context.weight("gamma"), x) }
    let shift = try mean * factor
    guard center else { return try x * factor - shift }
    return try x * factor + (spread(context.weight("beta"), x) - shift)
  }

  /// Mean and variance over all axes but one, which keep their places with an extent of 1.
  private func moments(_ x: Value, _ mask: Value?) throws -> (mean: Value, variance: Value) {
    let place = axis < 0 ? axis + x.rank : axis
    let axes = (0..<x.rank).filter { $0 != place }
    guard let mask else {
      let mean = try x.mean(axes: axes, keepDims: true)
      return (mean, try (x - mean).apply(.square).mean(axes: axes, keepDims: true))
    }
    guard place == x.rank - 1, mask.rank == x.rank - 1 else {
      throw ModelGraphError(.untrainable(option: "a mask and an axis other than the last"))
    }
    let steps = try mask.reshaped(Shape(mask.shape.dimensions + [1]))
    // Keras adds its epsilon, so that a batch of padding alone gives 0.
    let count = try steps.sum(axes: axes, keepDims: true).adding(1e-7)
    let mean = try (x * steps).sum(axes: axes, keepDims: true) / count
    let squares = try ((x - mean) * steps).apply(.square)
    return (mean, try squares.sum(axes: axes, keepDims: true) / count)
  }

  /// Moves a running statistic towards the batch's.
  private func move(_ name: String, to batch: Value, _ context: LayerContext) throws {
    let old = context.weight(name)
    let new = try batch.reshaped(old.shape).scaled(by: Float(1 - momentum))
    context.update(name, to: try old.scaled(by: Float(momentum)) + new)
  }

  /// A vector along `axis` in the shape that broadcasts with `x`.
  private func spread(_ vector: Value, _ x: Value) throws -> Value {
    let place = axis < 0 ? axis + x.rank : axis
    var extents = [Int](repeating: 1, count: x.rank)
    extents[place] = vector.shape.count
    return try vector.reshaped(Shape(extents))
  }
}

extension LayerConfig {
  /// A whole number, or a list of one.
  fileprivate mutating func integerOrList(
    _ key: String, default standard: Int
  ) throws(ModelGraphError) -> Int {
    guard let value = value(key), let list = value.array else {
      return try integer(key, default: standard)
    }
    guard list.count == 1, let number = list[0].int else {
      throw unsupported(key, "normalising along the axes \(value.text)")
    }
    return number
  }
}
