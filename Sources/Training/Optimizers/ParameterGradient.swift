/// A gradient as Keras's TensorFlow backend has it: for an embedding, in pieces.
import Engine

/// The gradient of one parameter.
///
/// The gradient of a table that is only looked up comes from TensorFlow as one row for each token, and
/// Keras squares and clips it row by row before the rows of one token are added up. So Adam and
/// RMSprop see Σ g² where g is a token's share, not (Σ g)², and to train as Keras does is to see the
/// same. SGD and momentum are the same either way, and so is any other parameter.
///
/// Source: `elementwise_unary` in `keras/src/backend/tensorflow/sparse.py` (Keras 3.15.1), tried with
/// tokens that occur twice. tf_keras adds up the rows first.
struct ParameterGradient {
  /// What is added up for a table: rows by token.
  struct Lookup {
    let scatter: ScatterAdd
    let tokens: Value
    var rows: Value
  }

  private(set) var value: Value
  /// Empty for what is no table, or is used for more than lookups.
  private(set) var lookups: [Lookup]

  /// - Parameter treatsTokensApart: whether the gradient of a table is in pieces at all.
  init(_ value: Value, treatsTokensApart: Bool) {
    self.value = value
    lookups = treatsTokensApart ? Self.lookups(of: value) ?? [] : []
  }

  /// The lookups whose gradients `value` is the sum of; nil where it is something else.
  private static func lookups(of value: Value) -> [Lookup]? {
    let builder = value.builder
    guard let maker = builder.program.instructions.last(where: { $0.outputs == [value.id] }) else {
      return nil
    }
    let operands = maker.inputs.map(builder.value)
    switch maker.op {
    case let scatter as ScatterAdd:
      return [Lookup(scatter: scatter, tokens: operands[0], rows: operands[1])]
    case let binary as Binary where binary.function == .add:
      guard let left = lookups(of: operands[0]), let right = lookups(of: operands[1]) else {
        return nil
      }
      return left + right
    default:
      return nil
    }
  }

  /// What stands for the squares, or another measure of size; nil for those of `value` itself.
  func sizes(_ measure: UnaryFunction?) throws(EngineError) -> Value? {
    guard let measure else { return nil }
    var sum: Value?
    for lookup in lookups {
      let squares = try lookup.tokens.apply(lookup.scatter, lookup.rows.apply(measure))
      if let earlier = sum { sum = try earlier + squares } else { sum = squares }
    }
    return sum
  }

  /// The sum of all squares, of which a norm is the root.
  func sumOfSquares() throws(EngineError) -> Value {
    guard var sum = try lookups.first?.rows.sumOfSquares() else { return try value.sumOfSquares() }
    for lookup in lookups.dropFirst() { sum = try sum + lookup.rows.sumOfSquares() }
    return sum
  }

  /// The gradient with its elements, or those of its pieces, changed one by one.
  func mapped(
    _ change: (Value) throws(EngineError) -> Value
  ) throws(EngineError) -> ParameterGradient {
    var result = self
    guard !lookups.isEmpty else {
      result.value = try change(value)
      return result
    }
    var sum: Value?
    for index in lookups.indices {
      result.lookups[index].rows = try change(lookups[index].rows)
      let lookup = result.lookups[index]
      let part = try lookup.tokens.apply(lookup.scatter, lookup.rows)
      if let earlier = sum { sum = try earlier + part } else { sum = part }
    }
    result.value = sum ?? value
    return result
  }
}

extension Value {
  fileprivate func sumOfSquares() throws(EngineError) -> Value {
    try apply(.square).sum(axes: Array(0..<rank))
  }
}
