/// A leaky relu whose slopes are learned.
public import Engine
public import KerasCheckpoint

/// x above 0, alpha · x below, with an alpha for each place of an example.
///
/// Weights: `alpha` in the shape of an example, with an extent of 1 along `sharedAxes`.
/// Source: `keras/src/layers/activations/prelu.py`; He et al. 2015, arXiv:1502.01852.
public struct PReLU: SingleInputLayer {
  public static let className = "PReLU"
  public static let legacyKeys: [String: LegacyKey] = ["init": .renamed("alpha_initializer")]

  public var attributes: LayerAttributes
  public var alpha: WeightSettings
  /// Axes along which all places have one alpha, the batch being axis 0; nil for none.
  public var sharedAxes: [Int]?

  public init(
    alphaInitializer: Initializer = .zeros, alphaRegularizer: Regularizer? = nil,
    sharedAxes: [Int]? = nil, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    alpha = WeightSettings(alphaInitializer, regularizer: alphaRegularizer)
    self.sharedAxes = sharedAxes
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    alpha = try config.weight("alpha", .zeros)
    if let stored = config.value("shared_axes") {
      let axes = (stored.array ?? [stored]).compactMap(\.int)
      guard axes.count == stored.array?.count ?? 1 else {
        throw config.wrong("shared_axes", "a list of whole numbers", stored)
      }
      sharedAxes = axes
    }
  }

  public var settings: [String: JSON] {
    var settings = alpha.config("alpha")
    settings["shared_axes"] = sharedAxes.map { .array($0.map(JSON.int)) } ?? .null
    return settings
  }

  public var passesMask: Bool { true }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    try input.requireRank(atLeast: 2)
    let shared = sharedAxes ?? []
    guard shared.allSatisfy({ (1..<input.rank).contains($0) }) else {
      throw ModelGraphError(.inputShape(expected: "the shared axes \(shared)", found: input))
    }
    var extents: [Int] = []
    for axis in 1..<input.rank {
      extents.append(shared.contains(axis) ? 1 : try input.known(axis))
    }
    return [try WeightSpec("alpha", extents, alpha)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  /// Keras's sum of two relus, so that the gradient at 0 is Keras's too.
  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let below = try (-input).apply(.relu())
    return try input.apply(.relu()) - context.weight("alpha") * below
  }
}
