import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

struct SequenceTests {
  private static let rows: [[Int32]] = [[1], [2, 3], [], [4, 5, 6, 7]]

  private static let texts = [
    "The film's GREAT -- isn't it?", "a\tb\nc\r\nd", "", "  ", "Ünïcode ÇA… 12.5% (½) <br /><br />",
    "under_score `tick` {x|y}~z^2 $5 #1 @me \\ [k]", "don't 'quote' “curly”",
  ]

  @Test(.enabled(if: Surroundings.kerasPython != nil, "needs the Python with Keras"))
  func `padding and splitting equal Keras's`() throws {
    let scratch = try Scratch()
    try scratch.write([UInt8](try JSONEncoder().encode(Self.texts)), "texts.json")
    try scratch.python(
      """
      import json, numpy as np
      from keras.utils import pad_sequences
      from keras.src.legacy.preprocessing.text import text_to_word_sequence
      rows = \(Self.rows)
      for maxlen in None, 1, 2, 3, 4, 9:
        for padding in 'pre', 'post':
          for truncating in 'pre', 'post':
            np.save(f'{maxlen or 0}-{padding}-{truncating}.npy', pad_sequences(
              rows, maxlen=maxlen, padding=padding, truncating=truncating, value=-1))
      words = [text_to_word_sequence(text) for text in json.load(open('texts.json'))]
      json.dump(words, open('words.json', 'w'))
      """)
    for maxlen in [nil, 1, 2, 3, 4, 9] {
      for padding in SequenceEnd.allCases {
        for truncating in SequenceEnd.allCases {
          let name = "\(maxlen ?? 0)-\(padding)-\(truncating).npy"
          let padded = try padSequences(
            Self.rows, maxlen: maxlen, padding: padding, truncating: truncating, value: -1)
          #expect(try padded == Tensor(npy: scratch.path(name)), "\(name)")
        }
      }
    }
    let words = try JSONDecoder().decode(
      [[String]].self, from: Data(try scratch.bytes("words.json")))
    // As bytes, since Swift takes texts of equal look for equal.
    #expect(
      Self.texts.map { WordIndex.words(in: $0).map { [UInt8]($0.utf8) } }
        == words.map { $0.map { [UInt8]($0.utf8) } })
  }

  @Test func `padding refuses what has no length`() throws {
    expectRefusal(is: "maxlen is 0, and must be at least 1") {
      try padSequences(Self.rows, maxlen: 0)
    }
    expectRefusal(is: "there is no sequence to take the length from; give maxlen") {
      try padSequences(RaggedArray())
    }
    expectRefusal(containing: "is too large; lower maxlen") {
      try padSequences(Self.rows, maxlen: .max)
    }
    expectRefusal(containing: "is too large; lower maxlen") {
      try padSequences(Self.rows, maxlen: 1 << 40)
    }
    #expect(try padSequences(RaggedArray(), maxlen: 3).shape == [0, 3])
  }

  @Test func `a ragged array is a collection of its rows`() {
    let array = RaggedArray(Self.rows)
    #expect(array.count == 4 && array.longest == 4 && array.offsets == [0, 1, 3, 3, 7])
    #expect(array.map { [Int32]($0) } == Self.rows)
    #expect(RaggedArray().isEmpty && RaggedArray().longest == 0)
  }
}
