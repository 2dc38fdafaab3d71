/// From text to the token ids that a model trained on `IMDB.loadData` expects.
extension WordIndex {
  /// The token ids of a text.
  ///
  ///     let index = try IMDB.wordIndex()
  ///     try index.tokens(for: "A great film!", numWords: 10_000)    // [1, 6, 87, 22]
  ///
  /// The text is split into words by `words(in:)`. A word's id is its rank plus `indexFrom`;
  /// `oovChar` stands in the place of a word that is not in the index or whose id is `numWords` or
  /// higher, and such words are left out where it is nil. `startChar` comes first unless it is nil.
  /// These are the defaults of `IMDB.loadData`: give both the same values.
  ///
  /// - Throws: `DatasetsError` where an option or an id does not fit an int32.
  public func tokens(
    for text: String, numWords: Int? = nil, startChar: Int? = 1, oovChar: Int? = 2,
    indexFrom: Int = 3
  ) throws -> [Int32] {
    let start = try startChar.map { try token($0, "startChar") }
    let unknown = try oovChar.map { try token($0, "oovChar") }
    let shift = Int(try token(indexFrom, "indexFrom"))
    let limit = numWords.flatMap { $0 == 0 ? nil : $0 } ?? Int.max
    var tokens: [Int32] = []
    if let start { tokens.append(start) }
    for word in Self.words(in: text) {
      if let rank = ranks[word], rank + shift < limit {
        guard let id = Int32(exactly: rank + shift) else {
          throw DatasetsError(.tokenOutOfRange(rank))
        }
        tokens.append(id)
      } else if let unknown {
        tokens.append(unknown)
      }
    }
    return tokens
  }

  /// The words of a text as Keras's `Tokenizer` finds them by default: in lower case, with each of
  /// ``!"#$%&()*+,-./:;<=>?@[\]^_`{|}~``, tab and line feed taken for a space, and split at spaces.
  /// An apostrophe is part of a word: `don't` is one.
  ///
  /// Source: Keras, `text_to_word_sequence`. Only the Greek final sigma differs: Python writes ς at
  /// a word's end, this σ.
  public static func words(in text: String) -> [String] {
    text.lowercased().unicodeScalars
      .split { separators.contains($0) }
      .map { String(String.UnicodeScalarView($0)) }
  }

  // Scalars, since Swift takes a carriage return and a line feed for one character.
  private static let separators = Set("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n ".unicodeScalars)

  private func token(_ value: Int, _ name: String) throws -> Int32 {
    guard let token = Int32(exactly: value) else {
      throw DatasetsError(.optionOutOfRange(name: name, value: value))
    }
    return token
  }
}
