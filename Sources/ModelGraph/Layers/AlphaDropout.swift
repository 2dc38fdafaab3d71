/// Random silence in training that leaves mean and variance as they are behind a selu.
public import Engine
public import KerasCheckpoint

/// In training each element is α′ = -λα, where selu ends, with probability `rate`, and then all of them
/// are scaled and shifted so that mean 0 and variance 1 stay; in inference nothing changes.
///
/// Source: `keras/src/layers/regularization/alpha_dropout.py`; Klambauer et al. 2017, arXiv:1706.02515.
public struct AlphaDropout: SingleInputLayer {
  public static let className = "AlphaDropout"
  public static let legacyKeys: [String: LegacyKey] = ["p": .renamed("rate")]

  public var attributes: LayerAttributes
  public var rate: Double
  /// Kept in the configuration; the numbers come from the seed of the training run.
  public var seed: JSON?
  public var noiseShape: LayerShape?

  public init(_ rate: Double, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.rate = rate
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    rate = try config.rate("rate")
    seed = try config.seed()
    noiseShape = try config.shape("noise_shape")
  }

  public var settings: [String: JSON] {
    ["rate": .number(rate), "seed": seed ?? .null, "noise_shape": noiseShape?.json ?? .null]
  }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training, rate > 0 else { return input }
    guard rate < 1 else { throw ModelGraphError(.untrainable(option: "rate = 1")) }
    let end = -1.6732632423543772 * 1.0507009873554805
    let scale = 1 / ((1 - rate) * (1 + rate * end * end)).squareRoot()
    let shift = -scale * end * rate
    // Both drop the same elements and divide the others by 1 - rate: a (x m + α′ (1 - m)) + b.
    let axes = try noiseShape?.sharedAxes(of: input.shape) ?? []
    let ones = try context.builder.constant(1, input.shape)
    let kept = try [input, ones].map {
      try $0.dropout(rate: Float(rate), stream: context.stream, sharedAxes: axes)
    }
    let factor = scale * (1 - rate)
    let rest = try kept[1].apply(
      .affine(scale: Float(-factor * end), offset: Float(scale * end + shift)))
    return try kept[0].scaled(by: Float(factor)) + rest
  }
}
