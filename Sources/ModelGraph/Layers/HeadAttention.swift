/// Attentions of several heads, each with projections of its own.
public import Engine
public import KerasCheckpoint
import Tensors

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

  /// Keras penalises the parts and the whole.
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

  /// Keras 2 penalises the whole, Keras 3 the parts.
  public var activityRegularizer: Regularizer? {
    heads.isKeras2 ? heads.activityRegularizer : nil
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
