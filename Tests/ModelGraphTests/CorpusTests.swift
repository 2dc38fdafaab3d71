import Datasets
import Engine
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

  @Test func `models of supported layers give the outputs that Keras gave`() throws {
    let references = try #require(Surroundings.corpus).appending(path: "ref")
    var compared: [String] = []
    for (name, checkpoint, config) in try models() {
      // Of a model of Theano's, what Theano itself gave.
      let files = ["theano_flip.npz", "npz"].map {
        references.appending(path: "\(name).\($0)").path
      }
      let file = files.first(where: FileManager.default.fileExists(atPath:)) ?? ""
      let graph = try Graph(modelConfig: config, dialect: checkpoint.dialect)
      guard graph.unsupportedLayers.isEmpty, !file.isEmpty else { continue }
      do {
        let built = try graph.built()
        let variables = Variables()
        try built.loadWeights(
          checkpoint.layers, of: checkpoint.weightsOrigin, into: variables)
        let npz = try NPZ(path: file)
        let inputs = try graph.inputs.indices.map { try npz.array("x\($0)").tensor() }
        let builder = ProgramBuilder()
        let values = built.inputTypes(inputs.map(\.shape)).map { builder.input("x", $0) }
        let outputs = try built.trace(builder, inputs: values, mode: .inference)
        for (place, output) in outputs.enumerated() { builder.output("\(place)", output.value) }
        let session = try Session(Plan(builder.program, threads: 2), variables: variables)
        for (place, input) in inputs.enumerated() { try session.setInput(place, input) }
        try session.run()
        for place in outputs.indices {
          let expected = try npz.array("y\(place)").tensor().scalars.floats
          let found = session.output("\(place)").scalars.floats
          #expect(found.count == expected.count, "\(name)")
          let scale = max(1, expected.map(abs).max() ?? 0)
          let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
          #expect(worst <= 1e-5 * scale, "\(name): \(worst) apart at \(scale)")
        }
        compared.append(name)
      } catch {
        Issue.record("\(name): \(error)")
      }
    }
    #expect(compared.count >= 6, "\(compared)")
  }
}
