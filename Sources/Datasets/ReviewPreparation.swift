/// What `keras.datasets.imdb.load_data` does between the file and the user, step by step and in its
/// order; `IMDB.loadData` documents the settings.
///
/// Source: Keras 3.15.1, `keras/src/datasets/imdb.py`.
struct ReviewPreparation {
  var numWords: Int? = nil
  var skipTop = 0
  var maxlen: Int? = nil
  var seed: UInt32 = 113
  var startChar: Int? = 1
  var oovChar: Int? = 2
  var indexFrom = 3
  /// Where the reviews are from, for messages.
  var location = DatasetsError.Location()

  /// The parts of a data set, the training part first, as a user receives them.
  func callAsFunction(_ stored: [LabelledSequences]) throws -> [LabelledSequences] {
    // One stream: the order of the second part depends on the size of the first.
    var random = MersenneTwister(seed: seed)
    var parts = stored.map { $0.gathering(random.permutation($0.x.count)) }
    parts = try parts.map { LabelledSequences(x: try shifted($0.x), y: $0.y) }

    // Here and below, 0 means the same as nil, as in Python's `if maxlen:`.
    if let maxlen, maxlen != 0 {
      parts = parts.map { shorter(than: maxlen, $0) }
      guard parts.allSatisfy({ !$0.x.isEmpty }) else {
        throw DatasetsError(.nothingKept(maxlen: maxlen), at: location)
      }
    }
    let highest = parts.compactMap { $0.x.values.max() }.max() ?? 0
    let limit = numWords.flatMap { $0 == 0 ? nil : $0 } ?? Int(highest)
    return try parts.map { LabelledSequences(x: try limited($0.x, below: limit), y: $0.y) }
  }

  /// Each sequence with the start mark before it and each word's rank moved up.
  private func shifted(_ sequences: RaggedArray) throws -> RaggedArray {
    let start = try startChar.map { try token($0, "startChar") }
    let shift = try token(indexFrom, "indexFrom")
    var result = RaggedArray()
    result.reserveCapacity(
      rows: sequences.count,
      values: sequences.values.count + (start == nil ? 0 : sequences.count))
    for sequence in sequences {
      // An overflow is found before the row is built, so that the loop below stays simple.
      if let extreme = shift < 0 ? sequence.min() : sequence.max(),
        extreme.addingReportingOverflow(shift).overflow
      {
        throw DatasetsError(.tokenOutOfRange(Int(extreme)), at: location)
      }
      let row = sequence.lazy.map { $0 &+ shift }
      if let start { result.append([start] + row) } else { result.append(row) }
    }
    return result
  }

  /// The sequences of fewer than `length` tokens, the start mark counted; as Keras, despite its
  /// documentation, this leaves sequences of exactly `length` out, and cuts none.
  private func shorter(than length: Int, _ data: LabelledSequences) -> LabelledSequences {
    data.gathering(data.x.indices.filter { data.x[$0].count < length })
  }

  /// The tokens from `skipTop` to below `limit`; others give way to the mark of unknown words, or
  /// are left out where there is none. The start mark is a token like the others.
  private func limited(_ sequences: RaggedArray, below limit: Int) throws -> RaggedArray {
    let unknown = try oovChar.map { try token($0, "oovChar") }
    let isKept = { (token: Int32) in Int(token) >= skipTop && Int(token) < limit }
    if let unknown {
      return RaggedArray(
        values: sequences.values.map { isKept($0) ? $0 : unknown }, offsets: sequences.offsets)
    }
    var result = RaggedArray()
    result.reserveCapacity(rows: sequences.count, values: sequences.values.count)
    for sequence in sequences { result.append(sequence.lazy.filter(isKept)) }
    return result
  }

  private func token(_ value: Int, _ name: String) throws -> Int32 {
    guard let token = Int32(exactly: value) else {
      throw DatasetsError(.optionOutOfRange(name: name, value: value))
    }
    return token
  }
}
