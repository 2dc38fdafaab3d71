/// Attentions of several heads, each with projections of its own.
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
  /// Whether Keras 2 hides scores by lowering them.
  var lowersHidden = false

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
    lowersHidden = config.dialect < .keras3
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
    if context.mode == .training, heads.lowersHidden, heads.activityRegularizer != nil {
      throw ModelGraphError(.untrainable(option: "activity_regularizer of Keras 2"))
    }
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
    // The layers of which Keras makes the attention have the regularizer.
    try context.penalise(result, by: heads.activityRegularizer)
    return result
  }

  /// The weights of the positions along the last `axes` axes of the scores.
  fileprivate func weights(
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
      heads.lowersHidden ? .lowered : isNotPlain ? .zero : .replaced
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
  fileprivate func dropped(_ weights: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training, heads.dropout > 0 else { return weights }
    return try weights.dropout(rate: Float(heads.dropout), stream: context.stream)
  }
}

/// Heads of the query that share those of key and value: `numQueryHeads / numKeyValueHeads` neighbours each.
///
/// Ainslie et al. 2023, arXiv:2305.13245.
public struct GroupedQueryAttention: HeadAttentionLayer {
  /// Keras exports the class under this name.
  public static let className = "GroupQueryAttention"

  public var attributes: LayerAttributes
  public var headDim: Int
  public var numQueryHeads: Int
  public var numKeyValueHeads: Int
  public var heads: HeadAttentionOptions
  public var attentionCall = AttentionCall()

  /// - Precondition: the heads of the query are a multiple of the others.
  public init(
    headDim: Int, numQueryHeads: Int, numKeyValueHeads: Int, dropout: Double = 0,
    useBias: Bool = true, name: String? = nil, trainable: Bool = true
  ) {
    precondition(numQueryHeads.isMultiple(of: numKeyValueHeads), "heads that cannot be shared")
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.headDim = headDim
    self.numQueryHeads = numQueryHeads
    self.numKeyValueHeads = numKeyValueHeads
    heads = HeadAttentionOptions()
    heads.dropout = dropout
    heads.useBias = useBias
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    headDim = try config.count("head_dim")
    numQueryHeads = try config.count("num_query_heads")
    numKeyValueHeads = try config.count("num_key_value_heads")
    guard numQueryHeads.isMultiple(of: numKeyValueHeads) else {
      throw config.wrong(
        "num_query_heads", "a multiple of \(numKeyValueHeads)", .int(numQueryHeads))
    }
    heads = try HeadAttentionOptions(config: &config)
  }

  public var settings: [String: JSON] {
    var settings = heads.config
    settings["head_dim"] = .int(headDim)
    settings["num_query_heads"] = .int(numQueryHeads)
    settings["num_key_value_heads"] = .int(numKeyValueHeads)
    return settings
  }

  public var projections: [(name: String, heads: Int, width: Int)] {
    let gate = heads.useGate ? [("gate", numQueryHeads, headDim)] : []
    return [("query", numQueryHeads, headDim), ("key", numKeyValueHeads, headDim)] + gate
      + [("value", numKeyValueHeads, headDim)]
  }

  public var resultSizes: [Int]? { nil }

  /// That of the parts is that of the whole too.
  public var activityRegularizer: Regularizer? { heads.activityRegularizer }

  public func attendedAxes(rank: Int) throws(ModelGraphError) -> [Int] {
    guard rank == 3 else {
      throw ModelGraphError(
        .inputShape(
          expected: "3 dimensions", found: LayerShape([Int?](repeating: nil, count: rank))))
    }
    return [1]
  }

  public func attend(
    _ query: Value, _ key: Value, _ value: Value, mask: Value?, _ context: LayerContext
  ) throws -> (output: Value, weights: Value) {
    let (n, t, s) = (query.shape[0], query.shape[1], key.shape[1])
    let (groups, width) = (numKeyValueHeads, headDim)
    let repeats = numQueryHeads / groups
    // For each group of heads the rows of its queries: [N · G, R · T, K].
    let rows = try query.reshaped([n, t, groups, repeats, width]).transposed([0, 2, 3, 1, 4])
      .reshaped([n * groups, repeats * t, width])
    let keys = try key.transposed([0, 2, 1, 3]).reshaped([n * groups, s, width])
    let values = try value.transposed([0, 2, 1, 3]).reshaped([n * groups, s, width])
    let scores = try rows.scaled(by: 1 / Float(width).squareRoot())
      .batchMatmul(keys, transposeB: true).reshaped([n, numQueryHeads, t, s])
    let weights = try weights(of: scores, axes: 1, mask: mask, isPlain: true)
    let output = try dropped(weights, context).reshaped([n * groups, repeats * t, s])
      .batchMatmul(values).reshaped([n, groups, repeats, t, width])
      .transposed([0, 3, 1, 2, 4]).reshaped([n, t, numQueryHeads, width])
    return (output, weights)
  }
}

/// Heads of their own for query, key and value, along any axes.
public struct MultiHeadAttention: HeadAttentionLayer {
  public static let className = "MultiHeadAttention"

  public var attributes: LayerAttributes
  public var numHeads: Int
  public var keyDim: Int
  public var valueDim: Int
  public var resultSizes: [Int]?
  /// The axes that are attended to; nil for all between batch and features.
  public var attentionAxes: Axes?
  public var heads: HeadAttentionOptions
  public var attentionCall = AttentionCall()

  public init(
    numHeads: Int, keyDim: Int, valueDim: Int? = nil, dropout: Double = 0, useBias: Bool = true,
    outputShape: [Int]? = nil, attentionAxes: Axes? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.numHeads = numHeads
    self.keyDim = keyDim
    self.valueDim = valueDim ?? keyDim
    resultSizes = outputShape
    self.attentionAxes = attentionAxes
    heads = HeadAttentionOptions()
    heads.dropout = dropout
    heads.useBias = useBias
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    numHeads = try config.count("num_heads")
    keyDim = try config.count("key_dim")
    valueDim = try config.count("value_dim", default: keyDim)
    if let list = config.value("output_shape")?.array {
      resultSizes = try config.extents("output_shape", count: list.count)
    } else if config.value("output_shape") != nil {
      resultSizes = [try config.count("output_shape")]
    }
    attentionAxes =
      config.value("attention_axes") == nil ? nil : try config.axes("attention_axes")
    heads = try HeadAttentionOptions(config: &config)
  }

  public var settings: [String: JSON] {
    var settings = heads.config
    settings["num_heads"] = .int(numHeads)
    settings["key_dim"] = .int(keyDim)
    settings["value_dim"] = .int(valueDim)
    settings["output_shape"] = resultSizes.map { .array($0.map(JSON.int)) } ?? .null
    settings["attention_axes"] = attentionAxes?.json ?? .null
    return settings
  }

  public var projections: [(name: String, heads: Int, width: Int)] {
    let gate = heads.useGate ? [("gate", numHeads, valueDim)] : []
    return [("query", numHeads, keyDim), ("key", numHeads, keyDim)] + gate
      + [("value", numHeads, valueDim)]
  }

  public func attendedAxes(rank: Int) throws(ModelGraphError) -> [Int] {
    guard let attentionAxes else { return Array(1..<rank - 1) }
    let shape = LayerShape([Int?](repeating: nil, count: rank))
    let places = try attentionAxes.places(of: shape)
    guard places.allSatisfy({ (1..<rank - 1).contains($0) }) else {
      throw ModelGraphError(
        .inputShape(
          expected: "axes \(attentionAxes.numbers) between batch and features", found: shape))
    }
    return places
  }

  public func attend(
    _ query: Value, _ key: Value, _ value: Value, mask: Value?, _ context: LayerContext
  ) throws -> (output: Value, weights: Value) {
    let axes = try attendedAxes(rank: query.rank - 1)
    // The axes by letters: those of the query, and of the key where it is attended to.
    let of = { (first: UInt8, place: Int) in Character(UnicodeScalar(first + UInt8(place))) }
    let target = (0..<query.rank).map { of(0x41, $0) }
    let source = (0..<query.rank).map { axes.contains($0) ? of(0x61, $0) : target[$0] }
    let rest = (0..<query.rank - 1).filter { !axes.contains($0) }
    let product = rest.map { target[$0] } + axes.map { target[$0] } + axes.map { source[$0] }
    guard let scoring = Einsum(target, source, to: product),
      let combining = Einsum(product, source, to: target)
    else { preconditionFailure("letters that are no equation") }
    let scaled = try query.scaled(by: 1 / Float(keyDim).squareRoot())
    let weights = try weights(
      of: scoring(scaled, key), axes: axes.count, mask: mask, isPlain: query.rank == 4)
    return (try combining(dropped(weights, context), value), weights)
  }
}
