public import Tensors

/// The end of a sequence: its beginning or its end.
public enum SequenceEnd: String, Sendable, Hashable, CaseIterable {
  case pre, post
}

/// Brings sequences to one length, as `keras.utils.pad_sequences` does.
///
///     try padSequences(RaggedArray([[1], [2, 3], [4, 5, 6]]), maxlen: 2)
///     // [[0, 1], [2, 3], [5, 6]]
///
/// - Parameters:
///   - maxlen: the length; that of the longest sequence where it is nil.
///   - padding: where `value` is added to shorter sequences.
///   - truncating: where longer sequences are cut.
/// - Returns: an int32 tensor `(N, maxlen)`.
/// - Throws: `DatasetsError` where `maxlen` is below 1, where it is nil and there is no sequence, or
///   where the result has more than 2³² elements.
///
/// Source: Keras 3.15.1, `keras/src/utils/sequence_utils.py`.
public func padSequences(
  _ sequences: RaggedArray, maxlen: Int? = nil, padding: SequenceEnd = .pre,
  truncating: SequenceEnd = .pre, value: Int32 = 0
) throws -> Tensor {
  if let maxlen, maxlen < 1 { throw DatasetsError(.paddingLength(maxlen)) }
  if maxlen == nil, sequences.isEmpty { throw DatasetsError(.noSequences) }
  let length = maxlen ?? sequences.longest
  let extents = [sequences.count, length]
  guard let shape = Shape(checking: extents), shape.count <= 1 << 32 else {
    throw DatasetsError(.tooLarge(shape: extents))
  }
  var values: [Int32] = []
  values.reserveCapacity(shape.count)
  for sequence in sequences {
    let kept = truncating == .pre ? sequence.suffix(length) : sequence.prefix(length)
    let gap = repeatElement(value, count: length - kept.count)
    if padding == .pre { values += gap }
    values += kept
    if padding == .post { values += gap }
  }
  return Tensor(shape, values)
}

/// Brings sequences to one length; see `padSequences(_:maxlen:padding:truncating:value:)`.
public func padSequences(
  _ sequences: [[Int32]], maxlen: Int? = nil, padding: SequenceEnd = .pre,
  truncating: SequenceEnd = .pre, value: Int32 = 0
) throws -> Tensor {
  try padSequences(
    RaggedArray(sequences), maxlen: maxlen, padding: padding, truncating: truncating, value: value)
}
