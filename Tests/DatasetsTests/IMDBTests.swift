import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

struct IMDBTests {
  /// Settings of `load_data`, as Python's arguments and as ours.
  private static let settings: [(python: String, load: @Sendable (String) throws -> Loaded)] = [
    ("", { try IMDB.loadData(path: $0) }),
    ("num_words=10000", { try IMDB.loadData(path: $0, numWords: 10_000) }),
    ("num_words=0", { try IMDB.loadData(path: $0, numWords: 0) }),
    ("num_words=500, skip_top=20", { try IMDB.loadData(path: $0, numWords: 500, skipTop: 20) }),
    ("num_words=800, maxlen=120", { try IMDB.loadData(path: $0, numWords: 800, maxlen: 120) }),
    (
      "num_words=1000, oov_char=None, skip_top=5",
      { try IMDB.loadData(path: $0, numWords: 1000, skipTop: 5, oovChar: nil) }
    ),
    ("start_char=None, seed=7", { try IMDB.loadData(path: $0, seed: 7, startChar: nil) }),
    (
      "start_char=None, index_from=0, seed=0",
      { try IMDB.loadData(path: $0, seed: 0, startChar: nil, indexFrom: 0) }
    ),
    (
      "start_char=9, oov_char=4, index_from=10, num_words=90, seed=4294967295, maxlen=300",
      {
        try IMDB.loadData(
          path: $0, numWords: 90, maxlen: 300, seed: .max, startChar: 9, oovChar: 4, indexFrom: 10)
      }
    ),
  ]

  typealias Loaded = (train: LabelledSequences, test: LabelledSequences)

  @Test(
    .enabled(
      if: Surroundings.kerasPython != nil && Surroundings.imdb5k != nil,
      "needs the Python with Keras and the 5,000 reviews"))
  func `every review and label of load_data equals Keras's, for each setting`() throws {
    let path = try #require(Surroundings.imdb5k).path
    let scratch = try Scratch()
    let calls = Self.settings.map { "dict(\($0.python))" }.joined(separator: ", ")
    try scratch.python(
      """
      import numpy as np
      import keras.src.datasets.imdb as imdb
      # The download is left out, since it would compare the hash with the full dataset's.
      imdb.get_file = lambda **options: \(quoted(path))
      for number, settings in enumerate([\(calls)]):
        for part, (x, y) in zip(('train', 'test'), imdb.load_data(**settings)):
          np.save(f'{number}-{part}-x.npy', np.array([t for row in x for t in row], dtype=np.int32))
          np.save(f'{number}-{part}-n.npy', np.array([len(row) for row in x], dtype=np.int32))
          np.save(f'{number}-{part}-y.npy', y)
      try:
        imdb.load_data(maxlen=2)
      except ValueError as error:
        open('error.txt', 'w').write(str(error))
      """)
    for (number, setting) in Self.settings.enumerated() {
      let loaded = try setting.load(path)
      for (part, data) in [("train", loaded.train), ("test", loaded.test)] {
        let comment = Comment(rawValue: "load_data(\(setting.python)), \(part)")
        let values = try Tensor(npy: scratch.path("\(number)-\(part)-x.npy"))
        let lengths = try Tensor(npy: scratch.path("\(number)-\(part)-n.npy"))
        let labels = try Tensor(npy: scratch.path("\(number)-\(part)-y.npy"))
        #expect(.int32(data.x.values) == values.scalars, comment)
        #expect(.int32(data.x.map { Int32($0.count) }) == lengths.scalars, comment)
        #expect(data.y == labels, comment)
      }
    }
    let sentence = String(decoding: try scratch.bytes("error.txt"), as: UTF8.self)
    expectRefusal(is: "\(path): \(sentence)") { try IMDB.loadData(path: path, maxlen: 2) }
  }

  @Test func `the Mersenne Twister gives its published numbers`() {
    // The first three and the 10,000th of seed 5489, C++'s default (ISO C++, 29.5.6).
    var random = MersenneTwister(seed: 5489)
    let numbers = (0..<10_000).map { _ in random.next() }
    #expect(numbers.prefix(3) == [3_499_211_612, 581_869_302, 3_890_346_734])
    #expect(numbers.last == 4_123_659_995)
  }

  @Test func `the dataset is sought where Keras keeps it`() {
    #expect(
      IMDB.datasetPath("imdb.npz", environment: ["KERAS_HOME": "/k", "HOME": "/h"])
        == "/k/datasets/imdb.npz")
    #expect(
      IMDB.datasetPath("imdb.npz", environment: ["HOME": "/h"]) == "/h/.keras/datasets/imdb.npz")
  }

  @Test func `a dataset that is absent is named with where to get it`() {
    let error = DatasetsError(
      .missingDataset(url: "https://example.org/imdb.npz"), at: .init(file: "/h/imdb.npz"))
    #expect(
      error.description
        == "/h/imdb.npz: the dataset is not on this machine; fetch it from "
        + "https://example.org/imdb.npz and store it under this path, or name the path where it is")
  }

  @Test func `options that do not fit an int32 are refused`() throws {
    let path = Surroundings.fixtures.appending(path: "reviews.npz").path
    expectRefusal(containing: "startChar is 4294967296") {
      try IMDB.loadData(path: path, startChar: 1 << 32)
    }
    expectRefusal(containing: "after index_from is added") {
      try IMDB.loadData(path: path, indexFrom: Int(Int32.max))
    }
  }
}

/// A Python text.
func quoted(_ text: String) -> String {
  "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
}
