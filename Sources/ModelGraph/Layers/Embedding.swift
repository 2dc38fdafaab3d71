/// A vector for each token.
public import Engine
public import KerasCheckpoint

/// `y = embeddings[x]`.
///
/// Shapes: tokens `[N, T]` (or any rank) to `[N, T, D]`. With `maskZero` the token 0 is padding, and
/// a mask goes with the result. A token outside `0..<V` is an error when the model runs.
///
/// Weights: `embeddings` `[V, D]`. Source: `keras/src/layers/core/embedding.py`.
public struct Embedding: SingleInputLayer {
  public static let className = "Embedding"
  public static let legacyKeys: [String: LegacyKey] = [
    "init": .renamed("embeddings_initializer"), "W_regularizer": .renamed("embeddings_regularizer"),
    "W_constraint": .renamed("embeddings_constraint"), "input_length": .dropped,
  ]

  public var attributes: LayerAttributes
  public var inputDim: Int
  public var outputDim: Int
  public var maskZero: Bool
  public var embeddings: WeightSettings
  public var activityRegularizer: Regularizer?
  /// The rate at which training drops whole words of the table, as Keras 1 could.
  public var wordDropout = 0.0

  public init(
    inputDim: Int, outputDim: Int, embeddingsInitializer: Initializer = .uniform,
    embeddingsRegularizer: Regularizer? = nil, embeddingsConstraint: Constraint? = nil,
    maskZero: Bool = false, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.inputDim = inputDim
    self.outputDim = outputDim
    self.maskZero = maskZero
    embeddings = WeightSettings(
      embeddingsInitializer, regularizer: embeddingsRegularizer, constraint: embeddingsConstraint)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    inputDim = try config.count("input_dim")
    outputDim = try config.count("output_dim")
    maskZero = try config.bool("mask_zero", default: false)
    embeddings = try config.weight("embeddings", .uniform)
    activityRegularizer = try config.regularizer("activity_regularizer")
    try config.refuse("lora_rank", "quantization_config")
    wordDropout = try config.rate("dropout", default: 0)
  }

  public var settings: [String: JSON] {
    var settings = embeddings.config("embeddings")
    settings["input_dim"] = .int(inputDim)
    settings["output_dim"] = .int(outputDim)
    settings["mask_zero"] = .bool(maskZero)
    settings["activity_regularizer"] = activityRegularizer?.json ?? .null
    if wordDropout > 0 { settings["dropout"] = .number(wordDropout) }
    return settings
  }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    [try WeightSpec("embeddings", [inputDim, outputDim], embeddings)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(atLeast: 1)
    return LayerShape(input.extents + [outputDim])
  }

  public var takesTokens: Bool { true }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let tokens = try inputs.single().value.asTokens()
    let mask = maskZero ? try tokens.notEqual(to: 0) : nil
    return [Signal(try call(tokens, context), mask: mask)]
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    var table = context.weight("embeddings")
    if wordDropout > 0, context.mode == .training {
      table = try table.dropout(rate: Float(wordDropout), stream: context.stream, sharedAxes: [1])
    }
    return try table.gathered(by: input.asTokens())
  }
}
