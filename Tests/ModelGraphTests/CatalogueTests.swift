import Foundation
import ModelGraph
import TestSupport
import Testing

@Suite struct CatalogueTests {
  @Test func `every file of a layer is listed, and every listed layer has a file`() throws {
    let folder = Surroundings.repository.appending(path: "Sources/ModelGraph/Layers")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(6)) }
    #expect(Set(files) == Set(Catalogue.layers.map { "\($0)" }))
  }

  @Test func `the catalogue is in alphabetical order, each class once`() {
    let names = Catalogue.layers.map { "\($0)" }
    #expect(names == names.sorted { $0.lowercased() < $1.lowercased() })
    #expect(Set(Catalogue.layers.map { $0.className }).count == names.count)
  }
}
