/// Groups of channels of each example brought to mean 0 and variance 1.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = gamma[c] · (x - mean) / √(variance + epsilon) + beta[c]`, mean and variance being those of each
/// example over a group of neighbouring channels and all positions. The channels are on `axis`; -1 groups
/// are as many as channels.
///
/// Weights, each `[C]`: `gamma`, `beta`.
/// Source: `keras/src/layers/normalization/group_normalization.py`; Wu and He 2018, arXiv:1803.08494.
public struct GroupNormalization: SingleInputLayer {
  public static let className = "GroupNormalization"

  public var attributes: LayerAttributes
  public var groups: Int
  public var axis: Int
  public var epsilon: Double
  public var center: Bool
  public var scale: Bool
  public var beta: WeightSettings
  public var gamma: WeightSettings

  public init(
    groups: Int = 32, axis: Int = -1, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: Initializer = .zeros,
    gammaInitializer: Initializer = .ones, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.groups = groups
    self.axis = axis
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    beta = WeightSettings(betaInitializer)
    gamma = WeightSettings(gammaInitializer)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    groups = try config.integer("groups", default: 32)
    guard groups == -1 || groups > 0 else {
      throw config.wrong("groups", "a whole number above 0, or -1", .int(groups))
    }
    axis = try config.integer("axis", default: -1)
    epsilon = try config.number("epsilon", default: 1e-3)
    center = try config.bool("center", default: true)
    scale = try config.bool("scale", default: true)
    beta = try config.weight("beta", .zeros)
    gamma = try config.weight("gamma", .ones)
  }

  public var settings: [String: JSON] {
    var settings = beta.config("beta").merging(gamma.config("gamma")) { $1 }
    settings["groups"] = .int(groups)
    settings["axis"] = .int(axis)
    settings["epsilon"] = .number(epsilon)
    settings["center"] = .bool(center)
    settings["scale"] = .bool(scale)
    return settings
  }

  public var passesMask: Bool { true }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let shape = [try channels(input).count]
    var specs: [WeightSpec] = []
    if scale { specs.append(try WeightSpec("gamma", shape, gamma)) }
    if center { specs.append(try WeightSpec("beta", shape, beta)) }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    _ = try channels(input)
    return input
  }

  /// The axis of the channels from 0, how many there are, and in how many groups.
  private func channels(
    _ input: LayerShape
  ) throws(ModelGraphError) -> (place: Int, count: Int, groups: Int) {
    let place = try input.place(of: axis)
    let count = try input.known(place)
    let groups = self.groups == -1 ? count : self.groups
    guard place > 0, groups > 0, count >= groups, count.isMultiple(of: groups) else {
      throw ModelGraphError(
        .inputShape(expected: "\(groups) equal groups along axis \(axis)", found: input))
    }
    return (place, count, groups)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let extents = input.shape.dimensions
    let (place, channels, groups) = try channels(LayerShape(extents))
    // The channels behind the batch, so that a group of them is a row.
    let front = [0, place] + (1..<input.rank).filter { $0 != place }
    let moved = try input.transposed(front)
    let width = input.shape.count / max(extents[0] * groups, 1)
    let row: Shape = [width]
    let rows = try moved.reshaped([extents[0] * groups, width]).rowsNormalized(
      gamma: context.builder.constant(1, row), beta: context.builder.constant(0, row),
      epsilon: Float(epsilon))
    var back = [Int](repeating: 0, count: input.rank)
    for (place, axis) in front.enumerated() { back[axis] = place }
    let output = try rows.reshaped(moved.shape).transposed(back)
    return try output.scaledAlong(
      place, by: scale ? context.weight("gamma") : nil,
      shift: center ? context.weight("beta") : nil, channels: channels)
  }
}

extension Value {
  /// A factor and a term, or either, for each place along an axis.
  fileprivate func scaledAlong(
    _ place: Int, by factor: Value?, shift: Value?, channels: Int
  ) throws -> Value {
    if place == rank - 1, let factor, let shift { return try scaled(by: factor, shift: shift) }
    let wide = Shape([channels] + [Int](repeating: 1, count: rank - 1 - place))
    var output = self
    if let factor { output = try output * factor.reshaped(wide) }
    if let shift { output = try output + shift.reshaped(wide) }
    return output
  }
}
