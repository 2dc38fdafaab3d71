import Foundation
import HDF5
import KerasCheckpoint
import Tensors
import Testing

/// Files that are no whole checkpoint, each with the error it gives.
@Suite struct BrokenFileTests {
  private static let kernel = Tensor([2, 1], [Float(1), 2])

  /// A whole model of one Dense layer; a test takes away from it.
  private static func model() throws -> GroupContent {
    let config: JSON = [
      "class_name": "Sequential",
      "config": ["name": "s", "layers": [["class_name": "Dense", "config": ["name": "dense"]]]],
    ]
    let checkpoint = Checkpoint(
      dialect: .keras3, modelConfig: config, trainingConfig: ["loss": "mse"],
      layers: [
        LayerWeights(name: "dense", weights: [Weight(name: "dense/kernel", tensor: kernel)])
      ])
    return try checkpoint.content()
  }

  private static func read(_ content: GroupContent) throws -> Checkpoint {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.h5").path
    try content.write(to: path)
    return try Checkpoint(path: path)
  }

  private static func error(_ content: GroupContent) throws -> CheckpointError {
    try #require(throws: CheckpointError.self) { try read(content) }
  }

  /// Changes the group at a path.
  private static func change(
    _ root: GroupContent, at path: [String], _ change: (inout GroupContent) -> Void
  ) -> GroupContent {
    var root = root
    guard let name = path.first else {
      change(&root)
      return root
    }
    root.children = root.children.map { child in
      guard child.name == name, case .group(let group) = child.node else { return child }
      return (name, .group(Self.change(group, at: Array(path.dropFirst()), change)))
    }
    return root
  }

  @Test func `the whole model reads`() throws {
    let checkpoint = try Self.read(Self.model())
    #expect(checkpoint.layers.map(\.name) == ["dense"])
    #expect(try checkpoint.layers[0].weights[0].tensor() == Self.kernel)
    #expect(checkpoint.kerasVersion == "3.15.1" && checkpoint.backend == "tensorflow")
    #expect(!checkpoint.isWeightsOnly)
  }

  @Test func `an HDF5 file of something else is named as such`() throws {
    var root = GroupContent()
    try root.insert(DatasetContent(Self.kernel), at: "states")
    let error = try Self.error(root)
    #expect(error.kind == .notKeras(found: ["states"]))
    #expect(error.description.contains("model.h5"))
  }

  @Test func `Keras 3's own format of weights is named as such`() throws {
    var root = GroupContent()
    try root.insert(DatasetContent(Self.kernel), at: "layers/dense/vars/0")
    try root.insert(GroupContent(), at: "vars")
    guard case .unsupportedFormat = try Self.error(root).kind else {
      Issue.record("another kind")
      return
    }
  }

  @Test func `a file that is not HDF5, empty, or cut at any length is refused`() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.h5").path
    try Self.model().write(to: path)
    let whole = try Data(contentsOf: URL(filePath: path))
    for length in stride(from: 0, to: whole.count, by: 7) {
      try whole.prefix(length).write(to: URL(filePath: path))
      #expect(throws: (any Error).self, "cut to \(length) of \(whole.count)") {
        let checkpoint = try Checkpoint(path: path)
        for layer in checkpoint.layers { for weight in layer.weights { _ = try weight.tensor() } }
      }
    }
    try Data("no model".utf8).write(to: URL(filePath: path))
    #expect(throws: HDF5Error.self) { try Checkpoint(path: path) }
  }

  @Test func `a file with any byte changed gives a checkpoint or an error`() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.h5").path
    try Self.model().write(to: path)
    let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var read = 0
    for place in stride(from: 0, to: whole.count, by: 7) {
      for value: UInt8 in [0, 0xFF, whole[place] ^ 1] {
        var bytes = whole
        bytes[place] = value
        guard
          let checkpoint = try? Checkpoint(root: File(bytes: bytes, name: "changed.h5").root)
        else { continue }
        for layer in checkpoint.layers { for weight in layer.weights { _ = try? weight.tensor() } }
        _ = try? checkpoint.converted(to: .keras2)
        _ = try? checkpoint.optimizerSlots()
        read += 1
      }
    }
    // Most bytes are heap and padding, which no one reads.
    #expect(read > whole.count / 7)
  }

  @Test func `a missing dataset is named with its list`() throws {
    let broken = Self.change(try Self.model(), at: ["model_weights", "dense", "dense"]) {
      $0.children = []
    }
    let error = try Self.error(broken)
    #expect(error.kind == .missingDataset(named: "dense/kernel", by: "weight_names"))
    #expect(error.location.object == "/model_weights/dense")
  }

  @Test func `a missing layer is named with its list`() throws {
    let broken = Self.change(try Self.model(), at: ["model_weights"]) {
      $0.children.removeAll { $0.name == "dense" }
    }
    #expect(try Self.error(broken).kind == .missingGroup(named: "dense", by: "layer_names"))
  }

  @Test(arguments: [["model_weights"], ["model_weights", "dense"]])
  func `a missing list of names is named`(path: [String]) throws {
    let broken = Self.change(try Self.model(), at: path) { $0.attributes = [] }
    let name = path.count == 1 ? "layer_names" : "weight_names"
    #expect(try Self.error(broken).kind == .missingAttribute(name: name))
  }

  @Test func `a list of names of another type is refused`() throws {
    let broken = Self.change(try Self.model(), at: ["model_weights"]) {
      $0.attributes = [AttributeContent("layer_names", .tensor(Self.kernel))]
    }
    guard case .wrongAttribute(let name, _, let found) = try Self.error(broken).kind else {
      Issue.record("another kind")
      return
    }
    #expect(name == "layer_names" && found == "float32 of shape (2, 1)")
  }

  @Test(arguments: ["model_config", "training_config"])
  func `broken JSON is refused at its place`(name: String) throws {
    let broken = Self.change(try Self.model(), at: []) {
      $0.attributes.removeAll { $0.name == name }
      $0.set(name, .string(#"{"class_name": "Sequential", "config": "#, encoding: .ascii))
    }
    let error = try Self.error(broken)
    guard case .brokenJSON(let byte, let length, _) = error.kind else {
      Issue.record("\(error)")
      return
    }
    #expect(byte == length)
    #expect(error.location.object == "/@\(name)")
  }

  @Test func `a version that is none is refused`() throws {
    let broken = Self.change(try Self.model(), at: []) {
      $0.attributes.removeAll { $0.name == "keras_version" }
      $0.set("keras_version", .string("new", encoding: .utf8))
    }
    #expect(try Self.error(broken).kind == .unreadableVersion("new"))
  }

  @Test(arguments: ["../dense", "a//b", "", ".", "a/../dense"])
  func `names that lead elsewhere are refused`(name: String) throws {
    let broken = Self.change(try Self.model(), at: ["model_weights"]) {
      $0.attributes = [AttributeContent("layer_names", .strings([name], .variable(.ascii)))]
    }
    #expect(try Self.error(broken).kind == .unusableName(name, list: "layer_names"))
  }

  @Test func `a name that stands twice is refused`() throws {
    let broken = Self.change(try Self.model(), at: ["model_weights"]) {
      $0.attributes = [
        AttributeContent("layer_names", .strings(["dense", "dense"], .variable(.ascii)))
      ]
    }
    #expect(try Self.error(broken).kind == .duplicateName("dense", list: "layer_names"))
  }

  @Test func `names that a file cannot hold are refused before anything is written`() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.h5").path
    func error(_ layers: [LayerWeights]) -> CheckpointError.Kind? {
      #expect(throws: CheckpointError.self) {
        try Checkpoint(dialect: .keras2, layers: layers).write(to: path)
      }?.kind
    }
    let weight = Weight(name: "w", tensor: Self.kernel)
    let inside = Weight(name: "w/x", tensor: Self.kernel)
    let layer = LayerWeights(name: "a", weights: [weight])
    #expect(error([layer, layer]) == .duplicateName("a", list: "layer_names"))
    #expect(
      error([LayerWeights(name: "..", weights: [])]) == .unusableName("..", list: "layer_names"))
    #expect(
      error([LayerWeights(name: "a", weights: [weight, inside])])
        == .conflictingNames("w/x", list: "weight_names"))
    let long = String(repeating: "n", count: 65_000)
    #expect(
      error([LayerWeights(name: long, weights: [])])
        == .attributeTooLong(name: "layer_names", bytes: 65_000, limit: 64_512))
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `every error is one sentence with a remedy`() {
    let kinds: [CheckpointError.Kind] = [
      .notKeras(found: ["a"]), .unsupportedFormat(name: "x"), .missingAttribute(name: "a"),
      .wrongAttribute(name: "a", expected: "b", found: "c"), .missingGroup(named: "a", by: "b"),
      .missingDataset(named: "a", by: "b"), .brokenJSON(byte: 1, length: 2, expected: "a value"),
      .duplicateName("a", list: "b"), .unusableName("a", list: "b"), .noOptimizerConfig,
      .optimizerStateCount(optimizer: "Adam", expected: "x", found: 1),
    ]
    for kind in kinds {
      let text = CheckpointError(kind, at: .init(file: "m.h5", object: "/o")).description
      #expect(text.hasPrefix("m.h5, /o: ") && text.contains("; ") && !text.contains("\n"))
    }
  }
}
