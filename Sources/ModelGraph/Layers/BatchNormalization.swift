/// Features brought to mean 0 and variance 1.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = gamma · (x - mean) / √(variance + epsilon) + beta`, for each place along `axis`.
///
/// In training mean and variance are the batch's (the variance divides by the count, not by the count
/// less 1), and the running ones move: `moving = moving · momentum + batch · (1 - momentum)`. In
/// inference, and where the layer is frozen, they are the running ones. With a mask only the steps
/// that count enter the batch's. Keras 2's loops for images and volumes know no mask, and move the
/// running variance towards the batch's times M / (M - 1).
///
/// Keras 1 had other modes: each example by itself, `y = gamma · (x - mean) / (√(variance + epsilon) + epsilon) +
/// beta` along the last axis, or the batch's mean and variance at all times. Neither has running ones to
/// use, though both store them.
///
/// Weights, each `[C]`: `gamma`, `beta`, and not trained `moving_mean`, `moving_variance`.
/// Source: `keras/src/layers/normalization/batch_normalization.py`; Ioffe and Szegedy 2015,
/// arXiv:1502.03167.
public struct BatchNormalization: SingleInputLayer {
  public static let className = "BatchNormalization"
  public static let legacyKeys: [String: LegacyKey] = [
    "gamma_init": .renamed("gamma_initializer"), "beta_init": .renamed("beta_initializer"),
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
  /// Whether Keras 2 would use its own loops for images and volumes.
  public var isFused = false
  /// Whose mean and variance are taken.
  public var mode = Mode.features

  /// The modes by Keras 1's numbers; later versions have the first alone.
  public enum Mode: Int, Sendable, Hashable {
    /// The batch's in training, then the running ones.
    case features = 0
    /// Each example's own.
    case examples = 1
    /// The batch's, in inference too.
    case batch = 2
  }

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
    isFused = try config.bool("fused", default: true) && config.dialect < .keras3
    let number = try config.integer("mode", default: 0)
    guard let mode = Mode(rawValue: number) else {
      throw config.wrong("mode", "0, 1 or 2", .int(number))
    }
    self.mode = mode
  }

  public var settings: [String: JSON] {
    var settings = beta.config("beta").merging(gamma.config("gamma")) { $1 }
    settings["axis"] = .int(axis)
    settings["momentum"] = .number(momentum)
    settings["epsilon"] = .number(epsilon)
    settings["center"] = .bool(center)
    settings["scale"] = .bool(scale)
    // Later versions do not know the key, and would compute something else without it.
    if mode != .features { settings["mode"] = .int(mode.rawValue) }
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
    try input.place(of: axis)
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let input = try inputs.single()
    let x = input.value
    if mode == .examples { return [Signal(try normalisedByExample(x, context), mask: input.mask)] }
    guard mode == .batch || context.mode == .training && trainable else {
      return [Signal(try call(x, context), mask: input.mask)]
    }
    let place = try place(LayerShape(x.shape.dimensions))
    let usesLoops = isFused && (4...5).contains(x.rank) && (place == 1 || place == x.rank - 1)
    if let mask = input.mask, !usesLoops, mode == .features {
      return [Signal(try normalised(x, mask, context), mask: mask)]
    }
    let channels = x.shape[place]
    let last = try x.moving(axis: place, toEnd: true)
    let (output, mean, variance) = try last.batchNormalized(
      gamma: scale ? context.weight("gamma") : context.builder.constant(1, [channels]),
      beta: center ? context.weight("beta") : context.builder.constant(0, [channels]),
      epsilon: Float(epsilon))
    if mode == .batch {
      return [Signal(try output.moving(axis: place, toEnd: false), mask: input.mask)]
    }
    let count = x.shape.count / max(channels, 1)
    let correction = usesLoops ? Float(count) / Float(max(count - 1, 1)) : 1
    try move("moving_mean", to: mean, context)
    try move("moving_variance", to: variance.scaled(by: correction), context)
    return [Signal(try output.moving(axis: place, toEnd: false), mask: input.mask)]
  }

  /// By the running statistics: one factor and one term for each place along the axis.
  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let place = try place(LayerShape(input.shape.dimensions))
    let (factor, term) = try factors(
      context.weight("moving_mean"), context.weight("moving_variance"), context)
    if place == input.rank - 1 { return try input.scaled(by: factor, shift: term) }
    let extents = [factor.shape.count] + [Int](repeating: 1, count: input.rank - 1 - place)
    return try input * factor.reshaped(Shape(extents)) + term.reshaped(Shape(extents))
  }

  /// `gamma / √(variance + epsilon)`, and `beta` less the mean times that.
  private func factors(
    _ mean: Value, _ variance: Value, _ context: LayerContext
  ) throws -> (factor: Value, term: Value) {
    var factor = try variance.adding(Float(epsilon)).apply(.rsqrt)
    if scale { factor = try factor * context.weight("gamma") }
    let shift = try mean * factor
    return (factor, center ? try context.weight("beta") - shift : try -shift)
  }

  /// By each vector's own mean and variance along the last axis.
  private func normalisedByExample(_ x: Value, _ context: LayerContext) throws -> Value {
    let centred = try x - x.mean(axes: [-1], keepDims: true)
    let variance = try centred.apply(.square).mean(axes: [-1], keepDims: true)
    let deviation = try variance.adding(Float(epsilon)).apply(.sqrt).adding(Float(epsilon))
    var output = try centred / deviation
    if scale { output = try output * context.weight("gamma") }
    return center ? try output + context.weight("beta") : output
  }

  /// By the mean and variance of the steps that the mask lets count.
  private func normalised(_ x: Value, _ mask: Value, _ context: LayerContext) throws -> Value {
    guard try place(LayerShape(x.shape.dimensions)) == x.rank - 1, mask.rank == x.rank - 1 else {
      throw ModelGraphError(.untrainable(option: "a mask and an axis other than the last"))
    }
    let axes = Array(0..<x.rank - 1)
    let steps = try mask.reshaped(Shape(mask.shape.dimensions + [1]))
    // Keras adds its epsilon, so that a batch of padding alone gives 0.
    let count = try steps.sum(axes: axes).adding(1e-7)
    let mean = try (x * steps).sum(axes: axes) / count
    let variance = try ((x - mean) * steps).apply(.square).sum(axes: axes) / count
    try move("moving_mean", to: mean, context)
    try move("moving_variance", to: variance, context)
    let (factor, term) = try factors(mean, variance, context)
    return try x.scaled(by: factor, shift: term)
  }

  /// Moves a running statistic towards the batch's.
  private func move(_ name: String, to batch: Value, _ context: LayerContext) throws {
    let old = context.weight(name)
    let new = try batch.scaled(by: Float(1 - momentum))
    context.update(name, to: try old.scaled(by: Float(momentum)) + new)
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
