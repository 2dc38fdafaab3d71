import Foundation
import ModelGraph
import TestSupport
import Testing

@Suite struct CatalogueTests {
  @Test func `every layer in the folder of layers is listed, and every listed layer is there`()
    throws
  {
    let folder = Surroundings.repository.appending(path: "Sources/ModelGraph/Layers")
    let declaration = /(?m)^public struct (\w+): [\w, ]*(Layer|Operation) \{/
    var found: [String] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      let layers = text.matches(of: declaration).map { String($0.output.1) }
      #expect(!layers.isEmpty, "\(file) has no layer")
      // A file of one layer bears its name; several are a family, in alphabetical order.
      if layers.count == 1 { #expect("\(layers[0]).swift" == file) }
      #expect(layers == layers.sorted(), "\(file)")
      found += layers
    }
    let listed = (Catalogue.layers + Catalogue.operations).map { "\($0)" }
    #expect(found.sorted() == listed.sorted())
  }

  @Test func `the catalogue is in alphabetical order, each class once`() {
    let names = Catalogue.layers.map { "\($0)" }
    #expect(names == names.sorted { $0.lowercased() < $1.lowercased() })
    #expect(Set(Catalogue.layers.map { $0.className }).count == names.count)
  }
}
