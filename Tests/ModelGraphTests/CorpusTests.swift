import Foundation
import KerasCheckpoint
import ModelGraph
import Tensors
import TestSupport
import Testing

/// Real files of other people.
@Suite(.enabled(if: Surroundings.corpus != nil, "the folder of real checkpoints is absent"))
struct CorpusTests {
  /// Every file that holds a whole model.
  private func models() throws -> [(name: String, checkpoint: Checkpoint, config: JSON)] {
    let folder = try #require(Surroundings.corpus).appending(path: "files")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return names.compactMap { name in
      guard let checkpoint = try? Checkpoint(path: folder.appending(path: name).path) else {
        return nil
      }
      return checkpoint.modelConfig.map { (name, checkpoint, $0) }
    }
  }

  @Test func `every model has a summary with the parameters that the file holds`() throws {
    let models = try models()
    #expect(models.count >= 30)
    for (name, checkpoint, config) in models {
      do {
        let graph = try Graph(modelConfig: config, dialect: checkpoint.dialect)
        let summary = try Summary(graph, stored: checkpoint.layers)
        let stored = checkpoint.layers.flatMap(\.weights).reduce(0) { $0 + $1.shape.count }
        #expect(summary.total.count == stored, "\(name)\n\(summary)")
        #expect(summary.rows.allSatisfy { $0.parameterCount != nil }, "\(name)\n\(summary)")
      } catch {
        Issue.record("\(name): \(error)")
      }
    }
  }

  @Test func `every model is written and read again as it was`() throws {
    for (name, checkpoint, config) in try models() {
      let graph = try Graph(modelConfig: config, dialect: checkpoint.dialect)
      let written = graph.modelConfig(.complete)
      let again = try Graph(modelConfig: written)
      #expect(again.modelConfig(.complete) == written, "\(name)")
      #expect(again.layers.map(\.name) == graph.layers.map(\.name), "\(name)")
    }
  }
}
