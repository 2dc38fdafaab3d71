import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

/// The reviews that come with the package.
struct ReviewsFixtureTests {
  private let reviews = Surroundings.fixtures.appending(path: "reviews.npz").path
  private let words = Surroundings.fixtures.appending(path: "reviews_word_index.json").path

  @Test func `the reviews have the counts that their script states`() throws {
    let (train, test) = try IMDB.loadData(path: reviews, numWords: 10_000)
    #expect(train.x.count == 8_500)
    #expect(test.x.count == 2_105)
    #expect(train.y.shape == [8_500] && train.y.dtype == .int64)
    // Each word of the file and one start mark for each sentence.
    #expect(train.x.values.count == 159_987 + 8_500)
    #expect(test.x.values.count == 40_338 + 2_105)
    #expect(train.y.scalars.doubles.reduce(0, +) == 4_208)
    #expect(test.y.scalars.doubles.reduce(0, +) == 1_034)
    #expect(train.x.longest == 52)
    #expect(train.x.allSatisfy { $0.first == 1 })
    #expect(train.x.values.max() ?? 0 < 10_000 && test.x.values.max() ?? 0 < 10_000)
  }

  @Test func `ranks in the archive are those of the word index`() throws {
    let index = try WordIndex(path: words)
    #expect(index.ranks.count == 19_265)
    #expect(Set(index.ranks.values) == Set(1...19_265))
    #expect(index.ranks["the"] == 1)
    guard case .ragged(let rows) = try NPZ(path: reviews).array("x_train") else {
      Issue.record("x_train is dense")
      return
    }
    #expect(rows.values.max() ?? 0 <= 19_265)
    // Rank 1 is the most frequent in the greater part too.
    let counts = rows.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    #expect(counts.max { $0.value < $1.value }?.key == 1)
  }

  @Test func `labelled data pads to a tensor and keeps the order of load_data`() throws {
    let data = try LabelledData(path: reviews, numWords: 10_000)
    let (train, test) = try IMDB.loadData(path: reviews, numWords: 10_000)
    #expect(data.train.x == .ragged(train.x) && data.train.y == train.y)
    #expect(data.test?.x == .ragged(test.x) && data.test?.y == test.y)
    #expect(try data.train.x.tensor(maxlen: 60).shape == [8_500, 60])
    #expect(try data.train.x.tensor().shape == [8_500, 52])
  }
}
