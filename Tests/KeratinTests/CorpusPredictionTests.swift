/// Real files of other people, of every generation: each gives what Keras gave, or says why it cannot.
import Foundation
import Keratin
import TestSupport
import Testing

/// A file as the manifest beside the checkpoints describes it.
struct CorpusFile: Sendable, CustomTestStringConvertible {
  let name: String
  let kind: String
  /// The numbers that Keras gave, or, of a model of Theano's, those that its author saw.
  let reference: URL?

  var testDescription: String { name }

  static let all: [CorpusFile] = {
    guard let corpus = Surroundings.corpus,
      let text = try? String(contentsOf: corpus.appending(path: "manifest.json"), encoding: .utf8),
      let rows = try? JSON(parsing: text).array
    else { return [] }
    return rows.map { row in
      let name = row["file"]?.string ?? ""
      let references = ["theano_flip.npz", "npz"].map {
        corpus.appending(path: "ref/\(name).\($0)")
      }
      return CorpusFile(
        name: name, kind: row["kind"]?.string ?? "",
        reference: references.first { FileManager.default.fileExists(atPath: $0.path) })
    }
  }()

  var path: String {
    Surroundings.corpus?.appending(path: "files/\(name)").path ?? name
  }
}

@Suite(.enabled(if: Surroundings.corpus != nil, "the folder of real checkpoints is absent"))
struct CorpusPredictionTests {
  @Test func `The manifest lists files of every kind`() {
    #expect(CorpusFile.all.count >= 48)
    #expect(CorpusFile.all.count { $0.reference != nil } >= 25)
  }

  /// Sums in float32 through tens of layers, of the greatest number where that is above 1.
  static let tolerance = 1e-4

  @Test(arguments: CorpusFile.all.filter { $0.reference != nil })
  func `The outputs are those of Keras`(file: CorpusFile) throws {
    let npz = try NPZ(path: try #require(file.reference).path)
    func tensors(_ letter: String) throws -> [Tensor] {
      try npz.names.filter { $0.hasPrefix(letter) }.sorted().map { try npz.array($0).tensor() }
    }
    let found = try outputs(of: Checkpoint(path: file.path), for: tensors("x"))
    let expected = try tensors("y")
    let scale = expected.flatMap { $0.scalars.doubles.map(abs) }.max() ?? 1
    expectEqual(found, expected, within: Self.tolerance * max(1, scale), file.name)
  }

  @Test(arguments: CorpusFile.all.filter { $0.kind == "full model" })
  func `A model saved in today's layout gives the same`(file: CorpusFile) throws {
    let checkpoint = try Checkpoint(path: file.path)
    let folder = try TemporaryFolder()
    let saved = folder.path("saved.h5")
    do {
      let model = try Model.load(file.path)
      let shapes = try #require(model.graph.inputShapes)
      let inputs = shapes.enumerated().map { place, shape in
        // Small whole numbers suit tokens too.
        let shape = Shape(shape.extents.enumerated().map { $1 ?? ($0 == 0 ? 2 : 9) })
        return Tensor(shape, (0..<shape.count).map { Float(($0 * 7 + place) % 3) })
      }
      try model.build(inputs.map { LayerShape($0.shape.dimensions) })
      try model.save(saved)
      let again = try Checkpoint(path: saved)
      #expect(again.dialect > .keras1 && again.weightsOrigin.isToday, "\(again.dialect)")
      let before = try outputs(of: checkpoint, for: inputs)
      #expect(before.allSatisfy { $0.scalars.floats.allSatisfy(\.isFinite) })
      expectEqual(try outputs(of: again, for: inputs), before, within: 0, file.name)
    } catch let error as ModelFileError {
      // Python code is never run.
      guard let cause = error.cause as? ModelGraphError, cause.kind == .pythonCode else {
        throw error
      }
      #expect("\(error)".contains("the layer holds Python code, which is never run"))
    }
  }

  @Test(arguments: CorpusFile.all.filter { $0.kind != "full model" })
  func `A file without an architecture shows its weights, or is told from a checkpoint`(
    file: CorpusFile
  ) throws {
    guard file.kind != "not keras" else {
      let error = #expect(throws: CheckpointError.self) { try Checkpoint(path: file.path) }
      if case .notKeras = error?.kind { return }
      Issue.record("\(String(describing: error))")
      return
    }
    let checkpoint = try Checkpoint(path: file.path)
    #expect(checkpoint.isWeightsOnly)
    let weights = checkpoint.layers.flatMap(\.weights)
    #expect(!weights.isEmpty)
    for weight in weights { #expect(try weight.tensor().shape == weight.shape, "\(weight.name)") }
  }
}

extension Graph {
  /// The shapes of the inputs; nil where one is not known.
  fileprivate var inputShapes: [LayerShape]? {
    let shapes = inputs.map { (layers[nodes[$0.node].layer] as? InputLayer)?.batchShape }
    let known = shapes.compactMap { $0 }
    return known.count == shapes.count ? known : nil
  }
}
