/// How attentions are called, and what they have in common.
import Engine
import KerasCheckpoint
import Tensors

/// What a call of an attention says beside its tensors.
public struct AttentionCall: Sendable, Hashable {
  /// Whether a position sees none behind its own.
  public var isCausal = false
  /// Whether the weights of the positions follow as a second output.
  public var returnsScores = false
  /// What each input is: query, value, key, attention_mask.
  var roles: [String] = ["query", "value", "key"]

  static let flags = ["use_causal_mask", "return_attention_scores"]

  init() {}

  init(_ options: CallOptions) {
    isCausal = options.flags.contains("use_causal_mask")
    returnsScores = options.flags.contains("return_attention_scores")
    if !options.names.isEmpty { roles = options.names }
  }

  /// The inputs by what they are; the key is the value where there is none.
  ///
  /// - Throws: `ModelGraphError` where query or value is missing.
  func assigned<Input>(_ inputs: [Input]) throws(ModelGraphError) -> (
    query: Input, value: Input, key: Input, mask: Input?
  ) {
    let named = Dictionary(zip(roles, inputs), uniquingKeysWith: { first, _ in first })
    guard inputs.count <= roles.count, let query = named["query"], let value = named["value"] else {
      throw ModelGraphError(.inputCount(expected: 2, found: inputs.count))
    }
    return (query, value, named["key"] ?? value, named["attention_mask"])
  }

  /// What each query may see of the keys, `[N or 1, T or 1, S]` of zeros and ones: what the masks of both
  /// show, and as far as the call and a window let it; nil where that is all.
  func mask(
    _ query: Signal, _ keys: [Signal], explicit: Value? = nil, window: Int? = nil
  ) throws -> Value? {
    var masks: [Value] = []
    if let mask = query.mask { masks.append(try mask.reshaped(Shape(mask.shape.dimensions + [1]))) }
    for mask in keys.compactMap(\.mask) {
      let extents = mask.shape.dimensions
      masks.append(try mask.reshaped(Shape(extents.dropLast() + [1] + extents.suffix(1))))
    }
    if isCausal || window != nil, let keys = keys.first {
      let builder = query.value.builder
      let row = try builder.positions(query.value.shape[1]).reshaped([1, query.value.shape[1], 1])
      let column = try builder.positions(keys.value.shape[1])
        .reshaped([1, 1, keys.value.shape[1]])
      if isCausal { masks.append(try row.greaterOrEqual(to: column)) }
      if let window {
        masks.append(
          try builder.constant(Float(window)).greater(than: (row - column).apply(.abs)))
      }
    }
    if let explicit { masks.append(explicit) }
    guard let first = masks.first else { return nil }
    return try masks.dropFirst().reduce(first) { try $0.minimum($1) }
  }
}

extension ProgramBuilder {
  /// 0, 1, 2, …
  fileprivate func positions(_ count: Int) throws(EngineError) -> Value {
    let sums = (0..<count).map { [Taps.Term(0, Double($0))] }
    return try constant(1, [1]).resampled(axis: 0, Taps(length: 1, sums: sums))
  }
}

/// What becomes of what a mask hides; it gets no weight, but where the mask shows nothing all the same.
enum HiddenScores {
  /// It has none there either.
  case zero
  /// All weights are equal, and constant.
  case replaced
  /// All weights are equal, and their gradient goes on.
  case lowered
}

extension Value {
  /// Probabilities along the last axis over what the mask shows.
  func attentionWeights(mask: Value?, hidden: HiddenScores) throws -> Value {
    guard let mask else { return try softmax() }
    let shown =
      hidden == .lowered
      ? try self + mask.notEqual(to: builder.constant(0)).adding(-1).scaled(by: 1e9)
      : try mask.select(ifTrue: self, ifFalse: builder.constant(-1e9))
    guard shown.shape == shape else {
      throw ModelGraphError(
        .inputShape(
          expected: "a mask that broadcasts to \(LayerShape(shape.dimensions))",
          found: LayerShape(mask.shape.dimensions)))
    }
    let weights = try shown.softmax()
    return hidden == .zero
      ? try mask.select(ifTrue: weights, ifFalse: builder.constant(0)) : weights
  }
}
