public import Tensors

/// Samples with labels for training and, where the file has them, for validation.
///
/// Two layouts of an `.npz` file are read:
///
/// - `x_train`, `y_train` and, both or neither, `x_test`, `y_test`: the layout of Keras's
///   `imdb.npz`. Where x holds lists, they are word ranks as in that file, and are treated as
///   `IMDB.loadData(numWords:)` treats them: shuffled with seed 113, 3 added, the mark 1 before
///   each, and ids from `numWords` on replaced by 2.
/// - `x`, `y`: samples as they are. Where x holds lists, they are token ids already: nothing is
///   added or moved, and only ids from `numWords` on are replaced by 2.
///
/// Where x is an array of numbers it is taken as it is in both.
public struct LabelledData: Sendable, Equatable {
  public let train: Part
  public let test: Part?

  public struct Part: Sendable, Equatable {
    public let x: NumpyArray
    public let y: Tensor
  }

  /// - Throws: `DatasetsError`, or the archive reader's error where the file is no zip archive.
  public init(path: String, numWords: Int? = nil) throws {
    let archive = try NPZ(path: path)
    let names = Set(archive.names)
    if names.contains("x_train") || names.contains("y_train") {
      var parts = [try archive.part("x_train", "y_train")]
      if names.contains("x_test") || names.contains("y_test") {
        parts.append(try archive.part("x_test", "y_test"))
      }
      parts = try Self.prepared(
        parts, numWords: numWords, at: DatasetsError.Location(file: path))
      train = parts[0]
      test = parts.count > 1 ? parts[1] : nil
    } else if names.contains("x") || names.contains("y") {
      let part = try archive.part("x", "y")
      train = Part(x: part.x.replacingTokens(from: numWords), y: part.y)
      test = nil
    } else {
      throw DatasetsError(
        .missingArrays(expected: ["x_train", "y_train", "x_test", "y_test"], found: archive.names),
        at: DatasetsError.Location(file: path))
    }
  }

  /// Lists treated as `IMDB.loadData` treats them, arrays of numbers as they are.
  private static func prepared(
    _ parts: [Part], numWords: Int?, at location: DatasetsError.Location
  ) throws -> [Part] {
    let sequences = parts.compactMap { part in
      if case .ragged(let rows) = part.x { LabelledSequences(x: rows, y: part.y) } else { nil }
    }
    if sequences.isEmpty { return parts }
    guard sequences.count == parts.count else { throw DatasetsError(.mixedLayouts, at: location) }
    return try ReviewPreparation(numWords: numWords, location: location)(sequences)
      .map { Part(x: .ragged($0.x), y: $0.y) }
  }
}

extension NPZ {
  fileprivate func part(_ x: String, _ y: String) throws -> LabelledData.Part {
    let samples = try array(x)
    return LabelledData.Part(x: samples, y: try labels(y, of: samples.sampleCount, in: x))
  }
}

extension NumpyArray {
  /// Rows with the tokens from `limit` on replaced by 2, the mark of unknown words.
  fileprivate func replacingTokens(from limit: Int?) -> NumpyArray {
    guard let limit, limit != 0, case .ragged(let rows) = self else { return self }
    return .ragged(
      RaggedArray(values: rows.values.map { Int($0) < limit ? $0 : 2 }, offsets: rows.offsets))
  }
}
