#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The rank of each word by frequency, 1 the most frequent, as `imdb_word_index.json` holds them:
/// `{"the": 1, "and": 2, …}`.
public struct WordIndex: Sendable, Equatable {
  public let ranks: [String: Int]

  /// Above, a rank could not be moved up and stay an int32.
  static let highestRank = 1 << 30

  /// - Throws: `DatasetsError` where a rank is below 1 or above 2³⁰.
  public init(_ ranks: [String: Int]) throws {
    try self.init(ranks, at: DatasetsError.Location())
  }

  /// The words of a JSON file.
  ///
  /// - Throws: `DatasetsError`
  public init(path: String) throws {
    let location = DatasetsError.Location(file: path)
    let data = Data(try fileBytes(path))
    let ranks: [String: Int]
    do {
      ranks = try JSONDecoder().decode([String: Int].self, from: data)
    } catch let error as DecodingError {
      throw DatasetsError(.notWordIndex, at: location, cause: JSONProblem(error))
    }
    try self.init(ranks, at: location)
  }

  private init(_ ranks: [String: Int], at location: DatasetsError.Location) throws {
    // The first in alphabetical order, so that the message does not change from run to run.
    let wrong = ranks.filter { !(1...Self.highestRank).contains($0.value) }
    if let (word, rank) = wrong.min(by: { $0.key < $1.key }) {
      throw DatasetsError(.rankOutOfRange(word: word, rank: rank), at: location)
    }
    self.ranks = ranks
  }
}

/// What `JSONDecoder` has to say, in one line.
private struct JSONProblem: Error, CustomStringConvertible {
  let description: String

  init(_ error: DecodingError) {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map { "“\($0.stringValue)”" }.joined(separator: ", ")
      description = path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    @unknown default:
      description = "the JSON cannot be decoded"
    }
  }
}
