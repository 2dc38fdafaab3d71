import Foundation
import KerasCheckpoint
import Tensors
import TestSupport
import Testing

/// Files of other people, saved with Keras 0.x to 3.7.
@Suite(.enabled(if: Surroundings.corpus != nil, "the folder of real checkpoints is absent"))
struct CorpusTests {
  static let files: [URL] = {
    guard let folder = Surroundings.corpus?.appending(path: "files") else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { folder.appending(path: $0) }
  }()

  @Test(.enabled(if: Surroundings.kerasPython != nil, "there is no Python with h5py"))
  func `layers and weights are those that h5py lists`() throws {
    let listed = try JSON(parsing: Python.run("list.py", Self.files.map(\.path)))
    #expect(listed.object?.count == Self.files.count && Self.files.count >= 40)
    for file in Self.files {
      guard let layers = listed[file.path]?.array else {
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(path: file.path) }
        guard case .notKeras = error?.kind else {
          Issue.record("\(file.lastPathComponent): \(String(describing: error))")
          continue
        }
        continue
      }
      let checkpoint = try Checkpoint(path: file.path)
      #expect(
        checkpoint.layers.map(\.name) == layers.compactMap { $0[0]?.string }, "\(file.path)")
      for (layer, expected) in zip(checkpoint.layers, layers) {
        let weights = expected[1]?.array ?? []
        try #require(layer.weights.count == weights.count, "\(file.path): \(layer.name)")
        for (weight, expected) in zip(layer.weights, weights) {
          let place: Comment = "\(file.lastPathComponent): \(layer.name): \(weight.name)"
          #expect(weight.name == expected[0]?.string, place)
          #expect(weight.shape.dimensions == expected[1]?.array?.compactMap(\.int), place)
          #expect(weight.dtype.rawValue == expected[2]?.string, place)
          let tensor = try weight.tensor()
          #expect(tensor.shape == weight.shape && tensor.dtype == weight.dtype, place)
          let sum = tensor.scalars.doubles.reduce(0, +)
          let expectedSum = expected[3]?.double ?? .nan
          // Another order of summation: doubles of the size of the sum of magnitudes, times 2^-40.
          let magnitude = tensor.scalars.doubles.reduce(0) { $0 + abs($1) }
          #expect(abs(sum - expectedSum) <= magnitude * 0x1p-40, place)
        }
      }
    }
  }

  @Test(arguments: files)
  func `versions, dialects and configurations are those of the manifest`(file: URL) throws {
    let manifest = try JSON(
      parsing: String(
        contentsOf: try #require(Surroundings.corpus).appending(path: "manifest.json"),
        encoding: .utf8))
    let row = try #require(
      manifest.array?.first { $0["file"]?.string == file.lastPathComponent })
    let kind = row["kind"]?.string ?? ""
    guard kind != "not keras" else { return }
    let checkpoint = try Checkpoint(path: file.path)
    let version = row["keras_version"]?.string
    #expect(checkpoint.kerasVersion == version)
    #expect(checkpoint.backend == row["backend"]?.string)
    #expect(checkpoint.isWeightsOnly == kind.hasPrefix("weights-only"))
    #expect((checkpoint.trainingConfig != nil) == (row["training_config"] == true))
    #expect((checkpoint.optimizer != nil) == (row["optimizer_weights"] == true))
    let dialect: Dialect =
      version?.hasPrefix("3") == true
      ? .keras3 : version?.hasPrefix("2") == true ? .keras2 : .keras1
    #expect(checkpoint.dialect == dialect)
  }

  @Test(arguments: files)
  func `a file loaded and saved says the same`(file: URL) throws {
    guard let checkpoint = try? Checkpoint(path: file.path) else { return }
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "copy.h5").path
    try checkpoint.write(to: path)
    let copy = try Checkpoint(path: path)
    #expect(copy.kerasVersion == checkpoint.kerasVersion)
    #expect(copy.backend == checkpoint.backend)
    #expect(copy.modelConfig == checkpoint.modelConfig)
    #expect(copy.trainingConfig == checkpoint.trainingConfig)
    #expect(copy.extraAttributes == checkpoint.extraAttributes)
    let state = { (checkpoint: Checkpoint) in
      LayerWeights(name: "optimizer", weights: checkpoint.optimizer?.weights ?? [])
    }
    #expect(copy.layers.map(\.name) == checkpoint.layers.map(\.name))
    for (one, other) in zip(copy.layers + [state(copy)], checkpoint.layers + [state(checkpoint)]) {
      #expect(one.weights.map(\.name) == other.weights.map(\.name))
      for (weight, original) in zip(one.weights, other.weights) {
        #expect(try weight.tensor() == original.tensor(), "\(one.name): \(weight.name)")
      }
    }
  }

  @Test(arguments: files)
  func `optimizer states divide among the trained variables`(file: URL) throws {
    // Before 2.1 the order of the arrays is not that of the layers' weights.
    guard let checkpoint = try? Checkpoint(path: file.path), checkpoint.optimizer != nil,
      let version = checkpoint.kerasVersion, version > "2.1"
    else { return }
    let slots = try #require(try checkpoint.optimizerSlots())
    let trained = checkpoint.trainedVariables
    #expect(slots.slots.count == trained.count)
    for (slots, variable) in zip(slots.slots, trained) {
      for (slot, tensor) in slots {
        #expect(tensor.shape == variable.shape, "\(variable.name): \(slot)")
      }
    }
  }
}
