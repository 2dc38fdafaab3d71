import Foundation
import Keratin
import TestSupport
import Testing

/// One of the real checkpoints, as their manifest describes it.
struct RealFile: Sendable, CustomTestStringConvertible {
  let name: String
  let kind: String
  let kerasVersion: String?
  let hasReference: Bool

  var testDescription: String { name }

  static let all: [RealFile] = {
    guard let corpus = Surroundings.corpus,
      let text = try? String(contentsOf: corpus.appending(path: "manifest.json"), encoding: .utf8),
      let rows = try? JSON(parsing: text).array
    else { return [] }
    return rows.map { row in
      RealFile(
        name: row["file"]?.string ?? "", kind: row["kind"]?.string ?? "",
        kerasVersion: row["keras_version"]?.string,
        hasReference: row["reference"]?["npz"]?.string != nil)
    }
  }()

  static let models = all.filter { $0.kind == "full model" }
}

@Suite(.enabled(if: Surroundings.corpus != nil, "needs the real checkpoints beside the repository"))
struct CorpusTests {
  private static let files = Surroundings.corpus?.appending(path: "files") ?? URL(filePath: "/")

  private func run(_ arguments: String...) async throws -> Tool.Run {
    try await Tool.run(arguments, in: Self.files)
  }

  @Test func `the manifest has its models`() { #expect(RealFile.models.count == 34) }

  @Test(arguments: RealFile.models)
  func `every full model is shown`(file: RealFile) async throws {
    let text = try await run("inspect", file.name)
    #expect(text.status == 0 && text.errors.isEmpty, "\(text.errors)")
    let output = try await run("inspect", file.name, "--json", "--weights")
    #expect(output.status == 0 && output.errors.isEmpty, "\(output.errors)")
    let json = try JSON(parsing: output.output)

    #expect(json["kind"] == "model")
    #expect(json["keras_version"]?.string == file.kerasVersion)
    let stored = try Checkpoint(path: Self.files.appending(path: file.name).path).layers
      .flatMap(\.weights).map(\.shape.count).reduce(0, +)
    let total = try #require(json["total_params"]?.int)
    let optimizer = try #require(json["optimizer_params"]?.int)
    let trainable = try #require(json["trainable_params"]?.int)
    let other = try #require(json["non_trainable_params"]?.int)
    #expect(trainable + other == stored)
    // Keras 3 counts the optimizer's variables too.
    #expect(total == stored + optimizer)
    #expect(text.output.contains("Total params: \(grouped(total)) "))

    let layers = try #require(json["layers"]?.array)
    #expect(layers.compactMap { $0["params"]?.int }.reduce(0, +) == stored)
    for layer in layers {
      let name = try #require(layer["name"]?.string)
      let line = text.output.split(separator: "\n").first { $0.contains("│ \(name.prefix(12))") }
      #expect(line != nil, "\(name) has no row")
    }
    if layers.contains(where: { $0["supported"] == false }) {
      #expect(text.output.contains("not supported yet"))
    }
  }

  @Test(arguments: RealFile.all.filter { $0.kind.hasPrefix("weights-only") })
  func `every file of weights alone is shown`(file: RealFile) async throws {
    let json = try JSON(parsing: try await run("inspect", file.name, "--json").output)
    #expect(json["kind"] == "weights")
    #expect(json["total_params"]?.int ?? 0 > 0)
    let text = try await run("inspect", file.name, "--weights")
    #expect(text.status == 0 && text.errors.isEmpty)
  }

  @Test(arguments: RealFile.all)
  func `every file has a tree`(file: RealFile) async throws {
    let run = try await run("tree", file.name)
    #expect(run.status == 0 && run.errors.isEmpty)
    // One that is no checkpoint is compressed in a way of h5py's own, which the tree says.
    #expect(
      run.output.contains("unreadable")
        == run.output.contains("unreadable: the filter \"lzf\" (32000) is not supported"))
    #expect(!run.output.contains("unreadable") || file.kind == "not keras")
  }

  @Test(arguments: RealFile.models.filter(\.hasReference))
  func `outputs are those of Keras, or the layer that is missing is named`(
    file: RealFile
  ) async throws {
    let corpus = try #require(Surroundings.corpus)
    // Of a model of Theano's, what Theano itself gave.
    let files = ["theano_flip.npz", "npz"].map {
      corpus.appending(path: "ref/\(file.name).\($0)").path
    }
    let reference = try NPZ(
      path: try #require(files.first(where: FileManager.default.fileExists(atPath:))))
    let inputs = reference.names.filter { $0.hasPrefix("x") }.sorted()
    let outputs = reference.names.filter { $0.hasPrefix("y") }.sorted()
    let workshop = try Workshop()
    let given = try inputs.map { ($0, try reference.array($0).tensor()) }
    try workshop.write(NPZ.bytes(given), "x.npz")
    let model = Self.files.appending(path: file.name).path
    let run = try await workshop.run("predict", model, "--input", "x.npz", "--output", "y.npz")

    let info = try JSON(parsing: try await self.run("inspect", file.name, "--json").output)
    let layers = info["layers"]?.array ?? []
    guard layers.allSatisfy({ $0["supported"] == true }) else {
      #expect(run.status == 1 && !workshop.exists("y.npz"))
      expectOneSentence(run)
      #expect(run.errors.contains(model))
      return
    }
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let archive = try NPZ(path: workshop.path("y.npz"))
    #expect(archive.names.count == outputs.count)
    for (name, output) in zip(archive.names, outputs) {
      let expected = try reference.array(output).tensor()
      let found = try archive.array(name).tensor()
      #expect(found.shape == expected.shape && found.dtype == .float32)
      // float32 sums in another order than TensorFlow's.
      let scale = max(1, expected.scalars.doubles.map(abs).max() ?? 1)
      let worst = zip(found.scalars.doubles, expected.scalars.doubles).map { abs($0 - $1) }
        .enumerated().max { $0.1 < $1.1 }
      #expect(worst.map { $0.element <= 1e-5 * scale } == true, "worst at \(worst as Any)")
    }
  }

  private func grouped(_ number: Int) -> String {
    number < 1000
      ? "\(number)" : grouped(number / 1000) + "," + String("\(number % 1000 + 1000)".dropFirst())
  }
}

/// Expects one line on standard error that is an error, and nothing on standard output.
func expectOneSentence(_ run: Tool.Run, at location: SourceLocation = #_sourceLocation) {
  let lines = run.errors.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(
    lines.count == 2 && lines[0].hasPrefix("Error: ") && lines[0].hasSuffix(".") && lines[1] == "",
    "\(run.errors)", sourceLocation: location)
}
