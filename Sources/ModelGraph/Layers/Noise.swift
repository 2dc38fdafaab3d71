/// Normal random numbers in training.
public import Engine
public import KerasCheckpoint

/// In training each element is multiplied by a normal number of mean 1 and variance
/// `rate / (1 - rate)`; in inference nothing changes.
///
/// Source: `keras/src/layers/regularization/gaussian_dropout.py`; Srivastava et al. 2014, JMLR 15.
public struct GaussianDropout: SingleInputLayer {
  public static let className = "GaussianDropout"
  public static let legacyKeys: [String: LegacyKey] = ["p": .renamed("rate")]

  public var attributes: LayerAttributes
  public var rate: Double
  /// Kept in the configuration; the numbers come from the seed of the training run.
  public var seed: JSON?

  public init(_ rate: Double, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.rate = rate
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    rate = try config.rate("rate")
    seed = try config.seed()
  }

  public var settings: [String: JSON] { ["rate": .number(rate), "seed": seed ?? .null] }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training, rate > 0 else { return input }
    guard rate < 1 else { throw ModelGraphError(.untrainable(option: "rate = 1")) }
    let deviation = (rate / (1 - rate)).squareRoot()
    return try input.noisy(deviation: Float(deviation), isFactor: true, stream: context.stream)
  }
}

/// In training a normal number of mean 0 is added to each element; in inference nothing changes.
///
/// Source: `keras/src/layers/regularization/gaussian_noise.py`.
public struct GaussianNoise: SingleInputLayer {
  public static let className = "GaussianNoise"
  public static let legacyKeys: [String: LegacyKey] = ["sigma": .renamed("stddev")]

  public var attributes: LayerAttributes
  public var deviation: Double
  /// Kept in the configuration; the numbers come from the seed of the training run.
  public var seed: JSON?

  /// - Parameter deviation: the standard deviation, Keras's `stddev`.
  public init(_ deviation: Double, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.deviation = deviation
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    deviation = try config.number("stddev")
    guard deviation >= 0 else {
      throw config.wrong("stddev", "a number of 0 or more", .number(deviation))
    }
    seed = try config.seed()
  }

  public var settings: [String: JSON] { ["stddev": .number(deviation), "seed": seed ?? .null] }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training, deviation > 0 else { return input }
    return try input.noisy(deviation: Float(deviation), stream: context.stream)
  }
}
