/// What `loadWeights` says of the layers that it filled, passed over and left.
import Foundation
import Keratin
import Testing

@Suite struct LoadingWeightsTests {
  private let folder: TemporaryFolder
  private let path: String
  private let saved: Model

  /// A file with the layers first (3, 4), second (4, 4), third (4, 4) and last (4, 1).
  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("saved.h5")
    saved = Self.model(["first", "second", "third"], "last", seed: 1)
    try saved.build()
    try saved.save(path)
  }

  private static func model(
    _ hidden: [String], _ last: String, units: Int = 1, seed: UInt64 = 2
  ) -> Model {
    Sequential(
      [InputLayer(shape: [3])] + hidden.map { Dense(4, name: $0) } + [Dense(units, name: last)],
      seed: seed)
  }

  private func kernel(_ model: Model, _ place: Int) throws -> Tensor {
    try model.weights[2 * place]
  }

  @Test func `By position every layer is filled, whatever its name is`() throws {
    let model = Self.model(["a", "b", "c"], "d")
    let report = try model.loadWeights(path)
    #expect(try model.weights == saved.weights)
    #expect(report.isComplete)
    #expect(report.loaded.map(\.stored) == ["first", "second", "third", "last"])
    #expect(
      report.description == """
        Loaded 8 weights of 4 of 4 layers by position.
        Under other names in the file:
          a from first
          b from second
          c from third
          d from last
        """)
  }

  @Test func `By name only layers of the same name are filled`() throws {
    let model = Self.model(["first", "new", "second"], "last")
    try model.build()
    let before = try model.weights
    let report = try model.loadWeights(path, byName: true)
    #expect(try kernel(model, 0) == kernel(saved, 0))
    #expect(try kernel(model, 1) == before[2])
    #expect(try kernel(model, 2) == kernel(saved, 1))
    #expect(try kernel(model, 3) == kernel(saved, 3))
    #expect(report.untouched == ["new"] && report.unused == ["third"] && !report.isComplete)
    #expect(
      report.description == """
        Loaded 6 weights of 3 of 4 layers by name.
        Not in the file, as before: new
        Not in the model: third
        """)
  }

  @Test func `A layer that does not fit is refused, or passed over and reported`() throws {
    let model = Self.model(["first", "second", "third"], "last", units: 2)
    try model.build()
    let before = try model.weights
    for byName in [false, true] {
      #expect(throws: ModelFileError.self) { try model.loadWeights(path, byName: byName) }
      #expect(try model.weights == before)
    }
    let report = try model.loadWeights(path, byName: true, skipMismatch: true)
    #expect(try model.weights.prefix(6) == saved.weights.prefix(6))
    #expect(try model.weights.suffix(2) == before.suffix(2))
    #expect(report.mismatched.map(\.layer) == ["last"])
    #expect(
      report.description == """
        Loaded 6 weights of 3 of 4 layers by name.
        Passed over, since they do not fit:
          last from last: layer "last" (Dense): the weight "kernel" should have the shape (4, 2) but has \
        (4, 1) in the file; give the file of the same model
        """)
  }

  @Test func `Another number of layers is refused, or what remains is reported`() throws {
    let model = Self.model(["first", "second"], "last")
    #expect(throws: ModelFileError.self) { try model.loadWeights(path) }
    let report = try model.loadWeights(path, skipMismatch: true)
    #expect(report.loaded.map(\.layer) == ["first", "second"])
    #expect(report.mismatched.map(\.stored) == ["third"] && report.unused == ["last"])
  }

  @Test func `Layers of the same shapes under exchanged names are loaded by position, and told`()
    throws
  {
    let model = Self.model(["first", "third", "second"], "last")
    let report = try model.loadWeights(path)
    // Keras does so without a word.
    #expect(try model.weights == saved.weights)
    #expect(report.notes.count == 2 && !report.isComplete)
    #expect(
      report.notes.first == """
        The layer "third" has the weights of the file's "second", which has its place; the file has \
        others of the same shapes under the name "third". Load by name where those are meant.
        """)
    #expect(try model.loadWeights(path, byName: true).notes.isEmpty)
    #expect(try kernel(model, 1) == kernel(saved, 2))
  }

  @Test func `Weights of one layer in another order are matched by their names, and told`() throws {
    var checkpoint = try Checkpoint(path: path)
    checkpoint.layers[1].weights.reverse()
    let other = folder.path("other.h5")
    try checkpoint.write(to: other)
    let model = Self.model(["first", "second", "third"], "last")
    let report = try model.loadWeights(other)
    #expect(try model.weights == saved.weights)
    #expect(report.notes.count == 1 && report.notes[0].contains("\"second\" in another order"))
  }

  @Test func `A loaded model says where its weights came from`() throws {
    let model = try Model.load(path)
    #expect(model.weightsReport?.isComplete == true)
    #expect(saved.weightsReport == nil)
  }
}
