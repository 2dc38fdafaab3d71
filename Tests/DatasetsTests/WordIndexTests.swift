import Datasets
import Foundation
import TestSupport
import Testing

struct WordIndexTests {
  @Test func `words become ids as in load_data`() throws {
    let index = try WordIndex(["the": 1, "film": 2, "isn't": 3, "good": 400])
    let text = "The film isn't GOOD, Film-buff!"
    #expect(try index.tokens(for: text) == [1, 4, 5, 6, 403, 5, 2])
    #expect(try index.tokens(for: text, numWords: 403) == [1, 4, 5, 6, 2, 5, 2])
    #expect(try index.tokens(for: text, numWords: 404) == [1, 4, 5, 6, 403, 5, 2])
    #expect(try index.tokens(for: text, startChar: nil, oovChar: nil) == [4, 5, 6, 403, 5])
    #expect(
      try index.tokens(for: text, startChar: 9, oovChar: 8, indexFrom: 0) == [
        9, 1, 2, 3, 400, 2, 8,
      ])
    #expect(try index.tokens(for: " … ") == [1, 2])
    #expect(try index.tokens(for: "") == [1])
    expectRefusal(containing: "indexFrom is") { try index.tokens(for: text, indexFrom: .max) }
  }

  @Test func `a word index file is read`() throws {
    let scratch = try Scratch()
    try scratch.write(ascii(#"{"the": 1, "caf\u00e9": 22, "\"": 3}"#), "w.json")
    #expect(try WordIndex(path: scratch.path("w.json")).ranks == ["the": 1, "café": 22, "\"": 3])
  }

  @Test(
    arguments: [
      ("", "not a word index"), ("[1]", "not a word index"), (#"{"a": "b"}"#, "“a”"),
      (#"{"a": 1.5}"#, "not a word index"), (#"{"a": NaN}"#, "not a word index"),
      (#"{"a": 1"#, "not a word index"), (#"{"a": 0}"#, "the word “a” has the rank 0"),
      (#"{"a": 1073741825}"#, "ranks go from 1 to 1073741824"),
      (#"{"a": 99999999999999999999}"#, "not a word index"),
    ])
  func `other files are refused`(json: String, sentence: String) throws {
    let scratch = try Scratch()
    try scratch.write(ascii(json), "w.json")
    expectRefusal(containing: sentence) { try WordIndex(path: scratch.path("w.json")) }
  }

  @Test(.enabled(if: Surroundings.imdb5k != nil, "needs the 5,000 reviews' word index"))
  func `a real word index has all its words`() throws {
    let path = try #require(Surroundings.imdb5k).path
      .replacing("imdb5k.npz", with: "imdb5k_word_index.json")
    let index = try WordIndex(path: path)
    #expect(index.ranks.count == 43_514)
    #expect(try index.tokens(for: "The br I") == [1, 4, 10, 13])
  }
}
