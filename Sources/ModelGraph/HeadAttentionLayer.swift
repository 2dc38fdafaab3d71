/// What attentions of several heads have in common.
public import Engine
public import KerasCheckpoint
import Tensors

/// Query, key and value are projected to heads, and each head h gives
///
///     y[t] = Σₛ softmax(q[t] · k[s] / √K) · v[s]
///
/// of what masks, the call's `attention_mask`, causality and a sliding window let t see; the heads are
/// projected to the result. With a gate `y` is multiplied by `sigmoid(query · gate)` before that. A call may
/// ask for the weights of the positions, `[N, H, T, S]`, as a second output.
///
/// Weights, each projection's kernel and, with `useBias`, bias: `query` `[D, H, K]`, `key`, `gate` where
/// there is one, `value` `[D, H, V]`, `attention_output` `[H, V, D]`.
/// Source: `keras/src/layers/attention/`; Vaswani et al. 2017, arXiv:1706.03762.
public protocol HeadAttentionLayer: Layer {
  var heads: HeadAttentionOptions { get set }
  var attentionCall: AttentionCall { get set }

  /// The projections by name with their heads, in the order of their weights.
  var projections: [(name: String, heads: Int, width: Int)] { get }

  /// The sizes of the result behind those of the query's positions; nil for the query's last.
  var resultSizes: [Int]? { get }

  /// The axes that are attended to, of a query of that rank.
  func attendedAxes(rank: Int) throws(ModelGraphError) -> [Int]

  /// Query, key and value `[N, …, H, K]` to the result's heads and the weights.
  func attend(
    _ query: Value, _ key: Value, _ value: Value, mask: Value?, _ context: LayerContext
  ) throws -> (output: Value, weights: Value)
}

public struct HeadAttentionOptions: Sendable, Hashable {
  public var dropout = 0.0
  public var useBias = true
  public var useGate = false
  public var slidingWindow: Int?
  public var kernel = WeightSettings(.glorotUniform)
  public var bias = WeightSettings(.zeros)
  public var activityRegularizer: Regularizer?
  /// Kept in the configuration; the numbers come from the seed of the training run.
  public var seed: JSON?
  /// Whether scores are hidden and results penalised as in Keras 2.
  var isKeras2 = false

  init() {}

  init(config: inout LayerConfig) throws(ModelGraphError) {
    dropout = try config.rate("dropout", default: 0)
    useBias = try config.bool("use_bias", default: true)
    useGate = try config.bool("use_gate", default: false)
    slidingWindow =
      config.value("sliding_window") == nil ? nil : try config.count("sliding_window")
    kernel = try config.weight("kernel", .glorotUniform)
    bias = try config.weight("bias", .zeros)
    activityRegularizer = try config.regularizer("activity_regularizer")
    seed = try config.seed()
    isKeras2 = config.dialect < .keras3
    // How it is computed, and what Keras 2 builds it from.
    config.ignore(
      "flash_attention", "query_shape", "key_shape", "value_shape", "softmax_robust_masking")
  }

  var config: [String: JSON] {
    var config = kernel.config("kernel").merging(bias.config("bias")) { $1 }
    config["dropout"] = .number(dropout)
    config["use_bias"] = .bool(useBias)
    config["use_gate"] = .bool(useGate)
    config["sliding_window"] = slidingWindow.map(JSON.int) ?? .null
    config["activity_regularizer"] = activityRegularizer?.json ?? .null
    config["seed"] = seed ?? .null
    return config
  }
}

extension HeadAttentionLayer {
  public static var namedArguments: NamedArguments {
    .init(
      inputs: ["query", "value", "key"], tensors: ["attention_mask"], flags: AttentionCall.flags)
  }

  public func called(_ options: CallOptions) -> any Layer {
    var layer = self
    layer.attentionCall = AttentionCall(options)
    return layer
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    let (query, value, key, _) = try checked(inputs)
    var specs: [WeightSpec] = []
    func add(_ name: String, _ from: [Int], _ to: [Int]) throws(ModelGraphError) {
      var kernel = try WeightSpec("\(name)/kernel", from + to, heads.kernel)
      kernel.fans = .init(in: from.reduce(1, *), out: to.reduce(1, *))
      specs.append(kernel)
      if heads.useBias { specs.append(try WeightSpec("\(name)/bias", to, heads.bias)) }
    }
    for (name, count, width) in projections {
      let source = ["key": key, "value": value][name] ?? query
      try add(name, [try source.known(-1)], [count, width])
    }
    guard let last = projections.last, let first = projections.first else { return specs }
    try add("attention_output", [first.heads, last.width], try sizes(query))
    return specs
  }

  private func sizes(_ query: LayerShape) throws(ModelGraphError) -> [Int] {
    if let resultSizes { return resultSizes }
    return [try query.known(-1)]
  }

  private func checked(
    _ inputs: [LayerShape]
  ) throws(ModelGraphError) -> (
    query: LayerShape, value: LayerShape, key: LayerShape, mask: LayerShape?
  ) {
    let found = try attentionCall.assigned(inputs)
    try found.query.requireRank(atLeast: 3)
    _ = try attendedAxes(rank: found.query.rank)
    for other in [found.value, found.key] {
      try other.requireRank(found.query.rank)
      let positions = LayerShape(Array(found.value.extents.dropLast()))
      guard positions.admits(LayerShape(Array(other.extents.dropLast()))) else {
        throw ModelGraphError(.inputShape(expected: "the positions \(positions)", found: other))
      }
    }
    return found
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    let (query, value, _, _) = try checked(inputs)
    let output = LayerShape(query.extents.dropLast() + (try sizes(query)))
    guard attentionCall.returnsScores, let first = projections.first else { return [output] }
    let axes = try attendedAxes(rank: query.rank)
    let rest = (0..<query.rank - 1).filter { !axes.contains($0) }
    return [
      output,
      LayerShape(
        rest.map { query[$0] } + [first.heads] + axes.map { query[$0] } + axes.map { value[$0] }),
    ]
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let (query, value, key, explicit) = try attentionCall.assigned(inputs)
    let isKey = attentionCall.roles.prefix(inputs.count).contains("key")
    let mask = try attentionCall.mask(
      query, isKey ? [value, key] : [value], explicit: explicit?.value,
      window: heads.slidingWindow)
    var projected: [String: Value] = [:]
    for (name, count, width) in projections {
      let source = ["key": key, "value": value][name] ?? query
      projected[name] = try self.projected(
        source.value, name, sizes: [count, width], inner: 1, context)
    }
    guard let q = projected["query"], let k = projected["key"], let v = projected["value"] else {
      throw ModelGraphError(.inputCount(expected: 2, found: inputs.count))
    }
    var (output, weights) = try attend(q, k, v, mask: mask, context)
    if let gate = projected["gate"] { output = try output * gate }
    let width = query.value.shape[query.value.rank - 1]
    let result = try self.projected(
      output, "attention_output", sizes: resultSizes ?? [width], inner: 2, context)
    let signal = Signal(result, mask: query.mask)
    return attentionCall.returnsScores ? [signal, Signal(weights)] : [signal]
  }

  /// The last `inner` axes by a kernel to axes of these sizes.
  private func projected(
    _ x: Value, _ name: String, sizes: [Int], inner: Int, _ context: LayerContext
  ) throws -> Value {
    let outer = Array(x.shape.dimensions.dropLast(inner))
    let (rows, depth) = (outer.reduce(1, *), x.shape.dimensions.suffix(inner).reduce(1, *))
    let width = sizes.reduce(1, *)
    var product = try x.reshaped([rows, depth])
      .matmul(context.weight("\(name)/kernel").reshaped([depth, width]))
    if heads.useBias {
      product = try product + context.weight("\(name)/bias").reshaped([width])
    }
    if name == "gate" { product = try product.apply(.sigmoid) }
    let result = try product.reshaped(Shape(outer + sizes))
    // The layers of which Keras 3 makes the attention have the regularizer.
    try context.penalise(result, by: heads.isKeras2 ? nil : heads.activityRegularizer)
    return result
  }

  /// The weights of the positions along the last `axes` axes of the scores.
  func weights(
    of scores: Value, axes: Int, mask: Value?, isPlain: Bool
  ) throws -> Value {
    var mask = mask
    if let given = mask {
      // Between the axes of the batch and those of the positions of query and key.
      let extents = given.shape.dimensions
      let ones = [Int](repeating: 1, count: Swift.max(0, scores.rank - extents.count))
      mask = try given.reshaped(
        Shape(extents.dropLast(2 * axes) + ones + extents.suffix(2 * axes)))
    }
    // Keras 3 leaves it to TensorFlow where nothing else is asked for, and that makes all equal.
    let isNotPlain = heads.dropout > 0 || attentionCall.returnsScores || !isPlain
    let hidden: HiddenScores =
      heads.isKeras2 ? .lowered : isNotPlain ? .zero : .replaced
    guard axes > 1 else {
      return try scores.attentionWeights(mask: mask, hidden: hidden)
    }
    let flat = Shape(
      scores.shape.dimensions.dropLast(axes)
        + [scores.shape.dimensions.suffix(axes).reduce(1, *)])
    let wide = try mask?.broadcast(to: scores.shape).reshaped(flat)
    return try scores.reshaped(flat).attentionWeights(mask: wide, hidden: hidden)
      .reshaped(scores.shape)
  }

  /// Weights of which training drops some.
  func dropped(_ weights: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training, heads.dropout > 0 else { return weights }
    return try weights.dropout(rate: Float(heads.dropout), stream: context.stream)
  }
}
