import Foundation
import ModelGraph
import TestSupport
import Testing

@Suite struct ReadmeTests {
  @Test func `The README names the layers of the catalogue`() throws {
    let text = try String(
      contentsOf: Surroundings.repository.appending(path: "README.md"), encoding: .utf8)
    let parts = text.components(separatedBy: "<!-- layers -->")
    let listed = try #require(parts.last?.components(separatedBy: "<!-- /layers -->").first)
    #expect(
      listed == Catalogue.layers.map { $0.className }.joined(separator: ", "),
      "put the list of the catalogue between the marks in README.md")
  }
}
