/// Wrong files and wrong data: one sentence each, and nothing that stood there is damaged.
import Foundation
import HDF5
import Keratin
import Testing

@Suite struct WrongFiles {
  /// A small model that has been trained, in a file of its own.
  private struct Saved {
    let folder: TemporaryFolder
    let path: String
    let bytes: Data

    init() throws {
      folder = try TemporaryFolder()
      path = folder.path("model.h5")
      let model = try WrongFiles.trained()
      try model.save(path)
      bytes = try Data(contentsOf: folder.url("model.h5"))
    }

    /// The file with its tree changed.
    func changed(_ change: (inout GroupContent) throws -> Void) throws -> String {
      var root = try Checkpoint(path: path).content()
      try change(&root)
      try root.write(to: folder.path("changed.h5"))
      return folder.path("changed.h5")
    }
  }

  private static let x = Tensor([8, 5], (0..<40).map { Int32($0 % 11) })
  private static let y = Tensor([8], (0..<8).map { Float($0 % 2) })

  private static func trained() throws -> Model {
    let model = Sequential(
      [
        InputLayer(shape: [5]), Embedding(inputDim: 11, outputDim: 4, name: "table"),
        Conv1D(filters: 3, kernelSize: 2, name: "conv"), GlobalMaxPooling1D(),
        Dense(1, activation: .sigmoid, name: "answer"),
      ], seed: 1)
    model.compile(optimizer: Adam(), loss: .binaryCrossentropy, metrics: [.acc])
    try model.fit(x, y, verbose: .silent)
    return model
  }

  /// Expects `body` to fail with one sentence that has all of these parts.
  private func expectSentence(
    _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    do {
      try body()
      Issue.record("no error, expected one that says \(parts)", sourceLocation: sourceLocation)
    } catch {
      let text = "\(error)"
      for part in parts {
        #expect(text.contains(part), "\"\(text)\"", sourceLocation: sourceLocation)
      }
      #expect(
        !text.contains("\n"), "\"\(text)\" is more than a line", sourceLocation: sourceLocation)
      #expect(text.count < 500, "\"\(text)\" is no sentence", sourceLocation: sourceLocation)
    }
  }

  @Test func `the file that the others spoil is whole`() throws {
    let saved = try Saved()
    let model = try Model.load(saved.path)
    #expect(model.compileProblem == nil && model.iterations == 1)
    #expect(try Model.load(saved.changed { _ in }).weights == model.weights)
  }

  @Test func `a file that is absent, empty or not HDF5 is named with what to do`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("model.h5")
    expectSentence([path, "No such file"]) { _ = try Model.load(path) }
    try Data().write(to: folder.url("model.h5"))
    expectSentence([path, "empty", "take an earlier checkpoint"]) { _ = try Model.load(path) }
    for content in ["{\"class_name\": \"Sequential\"}", String(repeating: "no HDF5 ", count: 500)] {
      try Data(content.utf8).write(to: folder.url("model.h5"))
      expectSentence([path, "not an HDF5 file", "give a"]) { _ = try Model.load(path) }
    }
    expectSentence([folder.url.path, "not a regular file"]) { _ = try Model.load(folder.url.path) }
  }

  @Test func `a file cut at any length is refused with its name and what to do`() throws {
    let saved = try Saved()
    let count = saved.bytes.count
    let samples = 200
    let lengths = Set((0..<samples).map { $0 * count / samples } + [1, 7, 8, 95, 96, count - 1])
    let url = saved.folder.url("cut.h5")
    for length in lengths.sorted() {
      let cut = saved.bytes.prefix(length)
      try cut.write(to: url)
      expectSentence([url.path, ";"]) { _ = try Model.load(url.path) }
      #expect(try Data(contentsOf: url) == cut, "loading changes no file")
    }
    measured("\(lengths.count) lengths of a file of \(count) bytes")
  }

  @Test(arguments: ["{\"class_name\": \"Sequential\", \"config\": {", "", "nonsense"])
  func `broken JSON is told with its byte`(text: String) throws {
    let saved = try Saved()
    for name in ["model_config", "training_config"] {
      let path = try saved.changed { root in
        root.attributes.removeAll { $0.name == name }
        root.set(name, .string(text, encoding: .ascii))
      }
      expectSentence([
        path, name, "broken at byte", "of \(text.utf8.count)", "save the model again",
      ]) { _ = try Model.load(path) }
    }
  }

  @Test func `a weight of another shape is named with both shapes`() throws {
    let saved = try Saved()
    var checkpoint = try Checkpoint(path: saved.path)
    let place = try #require(checkpoint.layers.firstIndex { $0.name == "conv" })
    let name = checkpoint.layers[place].weights[0].name
    checkpoint.layers[place].weights[0] = Weight(
      name: name, tensor: Tensor([2, 4, 2], [Float](repeating: 0, count: 16)))
    let path = saved.folder.path("changed.h5")
    try checkpoint.write(to: path)
    let parts = [path, "\"conv\"", "(2, 4, 3)", "(2, 4, 2)", "give the file of the same model"]
    expectSentence(parts) { _ = try Model.load(path) }

    // Weights that are there stay, when others do not fit.
    let model = try Model.load(saved.path)
    let before = try model.weights
    expectSentence(parts) { try model.loadWeights(path) }
    #expect(try model.weights == before)
  }

  @Test func `a missing weight is named, and whether its list or its group lacks it`() throws {
    let saved = try Saved()
    let path = try saved.changed { root in
      try root.editGroup("model_weights") { try $0.editGroup("conv") { $0.removeLeaf("bias") } }
    }
    expectSentence([path, "conv", "bias", "missing", "save the file again"]) {
      _ = try Model.load(path)
    }
    let other = try saved.changed { root in
      try root.editGroup("model_weights") { $0.children.removeAll { $0.name == "answer" } }
    }
    expectSentence([other, "\"answer\"", "layer_names", "missing", "save the file again"]) {
      _ = try Model.load(other)
    }
  }

  @Test func `a file of weights alone is told from a model`() throws {
    let saved = try Saved()
    let path = saved.folder.path("weights.h5")
    try Model.load(saved.path).saveWeights(path)
    expectSentence([path, "without an architecture", "use loadWeights"]) {
      _ = try Model.load(path)
    }
  }

  @Test(arguments: [11, -1, 1_000_000] as [Int32])
  func `a token outside the vocabulary is told with its row and position`(token: Int32) throws {
    let model = try Self.trained()
    var tokens = (0..<400).map { Int32($0 % 11) }
    tokens[41 * 5 + 3] = token
    let x = Tensor([80, 5], tokens)
    let y = Tensor([80], [Float](repeating: 1, count: 80))
    let parts = [
      "Token \(token) ", "position 3 ", "row 41 ", "vocabulary of 11", "at most 11 words",
    ]
    let before = try model.weights
    expectSentence(parts) { _ = try model.predict(x) }
    expectSentence(parts) { _ = try model.evaluate(x, y, verbose: .silent) }
    #expect(try model.weights == before)
    for shuffle in [false, true] {
      expectSentence(parts) { try model.fit(x, y, shuffle: shuffle, verbose: .silent) }
    }
    // The validation data too, which is looked at after the epoch.
    expectSentence(parts) {
      try model.fit(Self.x, Self.y, validationData: (x, y), verbose: .silent)
    }
  }

  @Test func `a loss that is no number is told once and replaces no checkpoint`() throws {
    let folder = try TemporaryFolder()
    let best = folder.path("best.h5")
    let model = Sequential(
      [InputLayer(shape: [3]), Dense(4, activation: .tanh), Dense(1)], seed: 2)
    model.compile(optimizer: SGD(learningRate: 0.01), loss: .mse)
    let x = Tensor([70, 3], (0..<210).map { Float($0 % 13) / 13 })
    let y = Tensor([70, 1], (0..<70).map { Float($0 % 7) })
    var kept = Data()
    let spoil = LambdaCallback(
      onEpochBegin: { epoch, training in
        if epoch == 1 {
          kept = try Data(contentsOf: folder.url("best.h5"))
          training.model.learningRate = 1e30
        }
      })
    let console = QuietConsole()
    let checkpoint = ModelCheckpoint(best, monitor: "val_loss", saveBestOnly: true)
    let history = try model.fit(
      x, y, epochs: 4, validationData: (x, y), shuffle: false, callbacks: [spoil, checkpoint],
      verbose: .silent, console: console)
    #expect(history["loss"].count == 4 && history["loss"][0].isFinite)
    #expect(
      !history["loss"][1].isFinite && history["val_loss"].dropFirst().allSatisfy { !$0.isFinite })
    #expect(console.warnings.count == 1)
    // The first update of epoch 2 throws the weights out; its second batch meets them.
    let warning = try #require(console.warnings.first)
    #expect(warning.contains("epoch 2, batch 2") && warning.contains("lower the learning rate"))
    #expect(!kept.isEmpty)
    #expect(try Data(contentsOf: folder.url("best.h5")) == kept)
    #expect(try Model.load(best).weights.allSatisfy { $0.scalars.floats.allSatisfy(\.isFinite) })
  }

  @Test func `a save that fails leaves the file that was there`() throws {
    let saved = try Saved()
    let model = try Self.trained()
    let before = try FileManager.default.contentsOfDirectory(atPath: saved.folder.url.path).sorted()
    // A file in the place of the folder, as nobody may write there whoever runs the tests.
    let impossible = saved.path + "/model.h5"
    expectSentence([impossible]) { try model.save(impossible) }
    expectSentence([saved.folder.path("a.keras"), "ends in .h5"]) {
      try model.save(saved.folder.path("a.keras"))
    }
    let unbuilt = Sequential([Dense(1)])
    expectSentence([saved.path, "no weights yet", "call fit or build first"]) {
      try unbuilt.save(saved.path)
    }
    #expect(try Data(contentsOf: saved.folder.url("model.h5")) == saved.bytes)
    let after = try FileManager.default.contentsOfDirectory(atPath: saved.folder.url.path).sorted()
    #expect(after == before, "no partial file stays")
  }
}

extension GroupContent {
  /// Changes a child that is a group.
  fileprivate mutating func editGroup(
    _ name: String, _ edit: (inout GroupContent) throws -> Void
  ) throws {
    let place = try #require(children.firstIndex { $0.name == name })
    guard case .group(var group) = children[place].node else {
      Issue.record("\(name) is no group")
      return
    }
    try edit(&group)
    children[place].node = .group(group)
  }

  /// Takes away a dataset of this name, at any depth.
  fileprivate mutating func removeLeaf(_ name: String) {
    children.removeAll { if case .dataset = $0.node { $0.name.hasPrefix(name) } else { false } }
    for place in children.indices {
      guard case .group(var group) = children[place].node else { continue }
      group.removeLeaf(name)
      children[place].node = .group(group)
    }
  }
}
