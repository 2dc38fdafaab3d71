import Foundation
import Keratin
import TestSupport
import Testing

struct InspectTests {
  @Test(arguments: [
    ("text", []), ("weights", ["--weights"]), ("config", ["--config"]), ("json", ["--json"]),
    ("json-all", ["--json", "--weights", "--config"]),
  ])
  func `a full model is shown to the letter`(name: String, options: [String]) async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    let run = try await Tool.run(["inspect", "model.h5"] + options, in: workshop.folder)
    #expect(run.status == 0 && run.errors.isEmpty)
    try Snapshot.expect(run.output.withoutSizesAndTimes, is: "inspect-\(name)")
  }

  @Test(arguments: [("text", []), ("weights", ["--weights"]), ("json", ["--json"])])
  func `weights alone are shown to the letter`(name: String, options: [String]) async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier().saveWeights(workshop.path("weights.h5"))
    let run = try await Tool.run(["inspect", "weights.h5"] + options, in: workshop.folder)
    #expect(run.status == 0 && run.errors.isEmpty)
    try Snapshot.expect(run.output.withoutSizesAndTimes, is: "inspect-weights-only-\(name)")
  }

  #if os(Linux)
    @Test func `inspecting loads no library that it does not need`() async throws {
      let workshop = try Workshop()
      try workshop.saveClassifier()
      // The loader tells on standard error what it loads.
      let run = try await Tool.run(
        ["LD_DEBUG=files", Tool.url.path, "inspect", "model.h5"], in: workshop.folder,
        program: URL(filePath: "/usr/bin/env"))
      #expect(run.status == 0 && run.errors.contains("libc.so"))
      for library in ["libhdf5", "libopenblas", "libcurl", "libFoundation.so", "libzip"] {
        #expect(!run.errors.contains(library), "\(library) is loaded")
      }
    }
  #endif

  @Test func `a layer that is not supported is shown as such`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try workshop.replaceClass(of: "conv1d", by: "STFTSpectrogram", in: "model.h5", as: "other.h5")
    let run = try await workshop.run("inspect", "other.h5")
    #expect(run.status == 0 && run.errors.isEmpty)
    try Snapshot.expect(run.output.withoutSizesAndTimes, is: "inspect-unsupported")
  }

  @Test func `NaN and Inf are counted, and do not spoil the other figures`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    var checkpoint = try Checkpoint(path: workshop.path("regression.h5"))
    let name = checkpoint.layers[0].weights[0].name
    checkpoint.layers[0].weights[0] = Weight(
      name: name, tensor: Tensor([3, 2], [.nan, 1, .infinity, -.infinity, 3, .nan]))
    try checkpoint.write(to: workshop.path("nan.h5"))
    let json = try await workshop.json("inspect", "nan.h5", "--weights", "--json")
    let weight = try #require(
      json["layers"]?.array?.flatMap { $0["weights"]?.array ?? [] }
        .first { $0["name"]?.string == name })
    #expect(weight["nan"] == 2 && weight["inf"] == 2)
    #expect(weight["min"]?.double == 1 && weight["max"]?.double == 3 && weight["std"]?.double == 1)
    #expect(weight["mean"]?.double == 2)
  }

  @Test func `a symbolic link shows the file that it leads to`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    try FileManager.default.createSymbolicLink(
      atPath: workshop.path("link.h5"), withDestinationPath: "model.h5")
    let (link, file) = (
      try await workshop.json("inspect", "link.h5", "--json"),
      try await workshop.json("inspect", "model.h5", "--json")
    )
    #expect(link["size"] == file["size"] && link["layers"] == file["layers"])
    #expect(file["size"]?.int == (try workshop.bytes("model.h5").count))
  }

  @Test func `the tree is shown to the letter`() async throws {
    let workshop = try Workshop()
    try workshop.saveRegression()
    let run = try await workshop.run("tree", "regression.h5")
    #expect(run.status == 0 && run.errors.isEmpty)
    try Snapshot.expect(run.output.withoutSizesAndTimes, is: "tree")
  }

  @Test(arguments: ["earliest", "latest"])
  func `the tree shows every kind of object`(version: String) async throws {
    let run = try await Tool.run(
      ["tree", "hdf5-\(version).h5"], in: Surroundings.fixtures)
    #expect(run.status == 0 && run.errors.isEmpty)
    try Snapshot.expect(run.output, is: "tree-\(version)")
  }
}

extension Workshop {
  /// Saves a model again with another class for one of its layers.
  func replaceClass(of layer: String, by name: String, in file: String, as copy: String) throws {
    var checkpoint = try Checkpoint(path: path(file))
    let layers = (checkpoint.modelConfig?["config"]?["layers"]?.array ?? []).map { config in
      var config = config
      if config["config"]?["name"]?.string == layer { config["class_name"] = .string(name) }
      return config
    }
    checkpoint.modelConfig?["config"]?["layers"] = .array(layers)
    try checkpoint.write(to: path(copy))
  }

  /// The JSON that the command prints.
  func json(_ arguments: String...) async throws -> JSON {
    let run = try await Tool.run(arguments, in: folder)
    #expect(run.status == 0 && run.errors.isEmpty)
    return try JSON(parsing: run.output)
  }
}
