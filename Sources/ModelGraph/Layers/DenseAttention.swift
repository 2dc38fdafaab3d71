/// Means of values, weighted by how well a query fits their keys.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y[t] = Σₛ softmax(score(query[t], key[s])) · value[s]`. The inputs are query `[N, T, D]`, value
/// `[N, S, V]` and, where it is not the value, key `[N, S, D]`; the result is `[N, T, V]`, followed where a
/// call asks for them by the weights `[N, T, S]`. What the value's mask hides gets no weight, and where the
/// query's mask hides a position the result is 0. In training weights are dropped.
///
/// Source: `keras/src/layers/attention/attention.py`, `additive_attention.py`.
public protocol DenseAttentionLayer: Layer {
  var attention: DenseAttentionOptions { get set }
  var attentionCall: AttentionCall { get set }

  /// How well each query fits each key, `[N, T, S]`.
  func scores(_ query: Value, _ key: Value, _ context: LayerContext) throws -> Value
}

public struct DenseAttentionOptions: Sendable, Hashable {
  public var useScale: Bool
  public var dropout = 0.0
  /// Kept in the configuration; the numbers come from the seed of the training run.
  public var seed: JSON?
}

extension DenseAttentionLayer {
  public static var namedArguments: NamedArguments { .init(flags: AttentionCall.flags) }
  public var isBuiltAtOnce: Bool { false }

  public func called(_ options: CallOptions) -> any Layer {
    var layer = self
    layer.attentionCall = AttentionCall(options)
    return layer
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    let (query, value, key, _) = try attentionCall.assigned(inputs)
    for input in inputs { try input.requireRank(3) }
    if let one = value[1], let other = key[1], one != other {
      throw ModelGraphError(.inputShape(expected: "\(one) positions of the key", found: key))
    }
    let output: LayerShape = [query[0], query[1], value[2]]
    return attentionCall.returnsScores ? [output, [query[0], query[1], key[1]]] : [output]
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let (query, value, key, _) = try attentionCall.assigned(inputs)
    // Keras takes the value's mask, not the key's, and the query's for the result alone.
    let mask = try attentionCall.mask(Signal(query.value), [value])
    let weights = try scores(query.value, key.value, context)
      .attentionWeights(mask: mask, hidden: .lowered)
    let rate = attention.dropout
    let kept =
      context.mode == .training && rate > 0
      ? try weights.dropout(rate: Float(rate), stream: context.stream) : weights
    var output = try kept.batchMatmul(value.value)
    if let shown = query.mask {
      output = try shown.reshaped(Shape(shown.shape.dimensions + [1]))
        .select(ifTrue: output, ifFalse: context.builder.constant(0))
    }
    let result = Signal(output, mask: query.mask)
    return attentionCall.returnsScores ? [result, Signal(weights)] : [result]
  }

  /// `[N, T, D]` and `[N, S, D]` added, each position to each: `[N, T, S, D]`.
  fileprivate func sums(_ query: Value, _ key: Value) throws -> Value {
    let (q, k) = (query.shape, key.shape)
    return try query.reshaped([q[0], q[1], 1, q[2]]) + key.reshaped([k[0], 1, k[1], k[2]])
  }
}

/// `score = Σ scale · tanh(query + key)`, with a weight `scale` `[D]` where `useScale` says so.
///
/// Bahdanau, Cho and Bengio 2015, arXiv:1409.0473.
public struct AdditiveAttention: DenseAttentionLayer {
  public static let className = "AdditiveAttention"

  public var attributes: LayerAttributes
  public var attention: DenseAttentionOptions
  public var attentionCall = AttentionCall()

  public init(useScale: Bool = true, dropout: Double = 0, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    attention = DenseAttentionOptions(useScale: useScale, dropout: dropout)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    attention = try config.attention(useScale: true)
  }

  public var settings: [String: JSON] {
    [
      "use_scale": .bool(attention.useScale), "dropout": .number(attention.dropout),
      "seed": attention.seed ?? .null,
    ]
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    let (query, _, _, _) = try attentionCall.assigned(inputs)
    try query.requireRank(3)
    guard attention.useScale else { return [] }
    return [try WeightSpec("scale", [query.known(2)], WeightSettings(.glorotUniform))]
  }

  public func scores(_ query: Value, _ key: Value, _ context: LayerContext) throws -> Value {
    let bent = try sums(query, key).apply(.tanh)
    guard attention.useScale else { return try bent.sum(axes: [3]) }
    let shape = bent.shape
    return try bent.reshaped([shape[0] * shape[1] * shape[2], shape[3]])
      .matmul(context.weight("scale").reshaped([shape[3], 1]))
      .reshaped([shape[0], shape[1], shape[2]])
  }
}

/// `score = scale · Σ query · key`, or by `scoreMode` concat `concat_score_weight · Σ tanh(scale · (query +
/// key))`; the weight `scale` is there where `useScale` says so. Both weights are single numbers.
///
/// Luong, Pham and Manning 2015, arXiv:1508.04025.
public struct Attention: DenseAttentionLayer {
  public static let className = "Attention"

  public enum ScoreMode: String, Sendable, CaseIterable { case dot, concat }

  public var attributes: LayerAttributes
  public var attention: DenseAttentionOptions
  public var scoreMode: ScoreMode
  public var attentionCall = AttentionCall()

  public init(
    useScale: Bool = false, scoreMode: ScoreMode = .dot, dropout: Double = 0, name: String? = nil
  ) {
    attributes = LayerAttributes(name: name)
    attention = DenseAttentionOptions(useScale: useScale, dropout: dropout)
    self.scoreMode = scoreMode
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    attention = try config.attention(useScale: false)
    scoreMode = try config.choice("score_mode", default: .dot)
  }

  public var settings: [String: JSON] {
    [
      "use_scale": .bool(attention.useScale), "dropout": .number(attention.dropout),
      "seed": attention.seed ?? .null, "score_mode": .string(scoreMode.rawValue),
    ]
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    var specs: [WeightSpec] = []
    if attention.useScale { specs.append(try WeightSpec("scale", [], WeightSettings(.ones))) }
    if scoreMode == .concat {
      specs.append(try WeightSpec("concat_score_weight", [], WeightSettings(.ones)))
    }
    return specs
  }

  public func scores(_ query: Value, _ key: Value, _ context: LayerContext) throws -> Value {
    switch scoreMode {
    case .dot:
      let scores = try query.batchMatmul(key, transposeB: true)
      return attention.useScale ? try scores * context.weight("scale") : scores
    case .concat:
      var sums = try sums(query, key)
      if attention.useScale { sums = try sums * context.weight("scale") }
      return try sums.apply(.tanh).sum(axes: [3]) * context.weight("concat_score_weight")
    }
  }
}

extension LayerConfig {
  fileprivate mutating func attention(
    useScale: Bool
  ) throws(ModelGraphError) -> DenseAttentionOptions {
    // Earlier versions said in the configuration what a call says today.
    if try bool("causal", default: false) { throw unsupported("causal", "causal = true") }
    return DenseAttentionOptions(
      useScale: try bool("use_scale", default: useScale),
      dropout: try rate("dropout", default: 0), seed: try seed())
  }
}
