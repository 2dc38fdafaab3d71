/// A layer at each step of a sequence.
import Engine
public import KerasCheckpoint
import Tensors

/// What the wrapped layer gives for each step: `[N, T, …]` to `[N, T, …′]` of a layer from `[N, …]` to
/// `[N, …′]`. Steps are examples to it, all at once. In training Keras 3 takes a batch's statistics step by
/// step, which is refused.
///
/// Weights: those of the layer, after its name. Source: `keras/src/layers/rnn/time_distributed.py`.
public struct TimeDistributed: Layer {
  public static let className = "TimeDistributed"

  public var attributes: LayerAttributes
  public private(set) var layer: any Layer
  /// Whether all steps are one batch in training too, and the layer's mask comes out, as in Keras 2.
  private var mergesSteps = false

  public init(_ layer: any Layer, name: String? = nil, trainable: Bool = true) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.layer = layer
    if layer.name.isEmpty { self.layer.name = LayerNames.snakeCase(type(of: layer).className) }
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    guard let layer = try config.layer("layer") else { throw config.missing("layer") }
    self.layer = layer
    mergesSteps = config.dialect < .keras3
  }

  public var settings: [String: JSON] { ["layer": layer.entry(.complete)] }

  public var wrapped: [any Layer] { [layer] }
  public var takesTokens: Bool { layer.takesTokens(at: 0) }

  public func built(_ inputs: [LayerShape]) throws(ModelGraphError) -> BuiltLayer {
    let input = try inputs.single()
    let built = try layer.built([try step(inputs)])
    return BuiltLayer(
      weights: built.weights.map { $0.inside(layer) },
      states: built.states.map { $0.inside(layer) },
      outputShapes: built.outputShapes.map {
        LayerShape([input[0], input[1]] + $0.extents.dropFirst())
      })
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    try built(inputs).weights
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    try built(inputs).outputShapes
  }

  /// The shape of one step of all examples.
  private func step(_ inputs: [LayerShape]) throws(ModelGraphError) -> LayerShape {
    let input = try inputs.single()
    // Tokens have no features.
    try input.requireRank(atLeast: takesTokens ? 2 : 3)
    return LayerShape([nil] + input.extents.dropFirst(2))
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let input = try inputs.single()
    if context.mode == .training, !mergesSteps, layer.trainable,
      try layer.weights([step([LayerShape(input.value.shape.dimensions)])])
        .contains(where: { !$0.isTrained })
    {
      throw ModelGraphError(
        .untrainable(option: "\(type(of: layer).className) at each step"))
    }
    var steps = Signal(try input.value.mergingSteps())
    // A mask of whole steps is not the layer's.
    if let mask = input.mask, mask.rank > 2 { steps.mask = try mask.mergingSteps() }
    let (n, t) = (input.value.shape[0], input.value.shape[1])
    return try layer.call([steps], context.inside(layer, place: 0)).map { output in
      func split(_ value: Value) throws -> Value {
        try value.reshaped(Shape([n, t] + value.shape.dimensions.dropFirst()))
      }
      let result = Signal(try split(output.value), mask: input.mask)
      guard mergesSteps else { return result }
      if let mask = output.mask { return Signal(result.value, mask: try split(mask)) }
      guard let mask = input.mask, mask.rank > 2 else { return result }
      return Signal(result.value, mask: try mask.max(axes: Array(2..<mask.rank)))
    }
  }
}

extension Value {
  /// `[N, T, …]` as `[N · T, …]`.
  fileprivate func mergingSteps() throws -> Value {
    try reshaped(Shape([shape[0] * shape[1]] + shape.dimensions.dropFirst(2)))
  }
}
