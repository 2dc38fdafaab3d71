#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The IMDB reviews, as `keras.datasets.imdb` gives them: 25,000 for training and 25,000 for
/// testing, half of them positive (label 1), half negative (label 0).
public enum IMDB {
  /// Loads the reviews as lists of token ids, with Keras's names, defaults and meanings.
  ///
  ///     let (train, test) = try IMDB.loadData(numWords: 10_000)
  ///     train.x[0].prefix(6)    // [1, 14, 22, 16, 43, 530]
  ///
  /// In the file a word is its rank by frequency, 1 the most frequent. A token id is the rank plus
  /// `indexFrom`, so that 0 (padding), `startChar` and `oovChar` are free.
  ///
  /// - Parameters:
  ///   - path: an `.npz` file in that layout; where it is nil, `datasets/imdb.npz` in the folder that
  ///     `KERAS_HOME` names, or in `~/.keras`. Nothing is downloaded.
  ///   - numWords: token ids from here on become `oovChar`, so `numWords - 1` is the highest kept.
  ///     Where it is nil or 0 the limit is the highest id that occurs, which itself becomes
  ///     `oovChar`, as in Keras.
  ///   - skipTop: token ids below become `oovChar`; the start mark too.
  ///   - maxlen: only reviews of fewer tokens, the start mark counted, are kept; nil or 0 keeps all.
  ///   - seed: of the order of the reviews, which is numpy's for this seed.
  ///   - startChar: put before each review; nil for none.
  ///   - oovChar: in the place of words that the limits leave out; nil leaves a gap's neighbours
  ///     adjacent.
  ///   - indexFrom: added to each rank.
  /// - Throws: `DatasetsError`
  ///
  /// Source: Keras 3.15.1, `keras/src/datasets/imdb.py`. Data: A. Maas et al., "Learning Word
  /// Vectors for Sentiment Analysis", ACL 2011.
  public static func loadData(
    path: String? = nil, numWords: Int? = nil, skipTop: Int = 0, maxlen: Int? = nil,
    seed: UInt32 = 113, startChar: Int? = 1, oovChar: Int? = 2, indexFrom: Int = 3
  ) throws -> (train: LabelledSequences, test: LabelledSequences) {
    let file = try path ?? defaultPath("imdb.npz")
    let stored = try NPZ(path: file)
    let prepare = ReviewPreparation(
      numWords: numWords, skipTop: skipTop, maxlen: maxlen, seed: seed, startChar: startChar,
      oovChar: oovChar, indexFrom: indexFrom, location: DatasetsError.Location(file: file))
    let parts = try prepare([
      try stored.labelledSequences("x_train", "y_train"),
      try stored.labelledSequences("x_test", "y_test"),
    ])
    return (parts[0], parts[1])
  }

  /// The ranks of the words, as `keras.datasets.imdb.get_word_index` gives them.
  ///
  /// - Parameter path: a JSON file; where it is nil, `datasets/imdb_word_index.json` in the folder
  ///   that `KERAS_HOME` names, or in `~/.keras`.
  /// - Throws: `DatasetsError`
  public static func wordIndex(path: String? = nil) throws -> WordIndex {
    try WordIndex(path: path ?? defaultPath("imdb_word_index.json"))
  }

  /// Where Keras keeps this dataset; throws where it is not there.
  private static func defaultPath(_ name: String) throws -> String {
    let path = datasetPath(name, environment: ProcessInfo.processInfo.environment)
    guard FileManager.default.fileExists(atPath: path) else {
      throw DatasetsError(
        .missingDataset(url: "https://storage.googleapis.com/tensorflow/tf-keras-datasets/\(name)"),
        at: DatasetsError.Location(file: path))
    }
    return path
  }

  /// `$KERAS_HOME/datasets/name`, or `~/.keras/datasets/name` where there is no `KERAS_HOME`.
  package static func datasetPath(_ name: String, environment: [String: String]) -> String {
    let base =
      environment["KERAS_HOME"]
      ?? (environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path) + "/.keras"
    return base + "/datasets/" + name
  }
}
