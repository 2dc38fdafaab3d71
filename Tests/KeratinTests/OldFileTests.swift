/// Files in the layouts of Keras 0, 1 and 2 that real Keras converts too.
import Foundation
import Keratin
import TestSupport
import Testing

/// The files that `keratin_old.py` made, with what their models give.
private struct OldFiles: Sendable {
  let folder: URL
  private let owner: TemporaryFolder?

  static let made = Result { try OldFiles() }

  /// Runs Keras, or takes the folder that KERATIN_OLD_FILES names, where a run before this left its files.
  private init() throws {
    if let kept = ProcessInfo.processInfo.environment["KERATIN_OLD_FILES"], !kept.isEmpty {
      (owner, folder) = (nil, URL(filePath: kept))
      return
    }
    let temporary = try TemporaryFolder()
    (owner, folder) = (temporary, temporary.url)
    try Python.run("keratin_old.py", ["make", folder.path])
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  var names: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".npz") }.map { String($0.dropLast(".npz".count)) }.sorted()
    }
  }

  /// Files of whole models.
  var models: [String] { get throws { try names.filter { $0 != "places" } } }

  func answer(_ name: String) throws -> (inputs: [Tensor], output: Tensor) {
    let npz = try NPZ(path: path("\(name).npz"))
    let inputs = try npz.names.filter { $0.hasPrefix("x") }.sorted().map {
      try npz.array($0).tensor()
    }
    return (inputs, try npz.array("y").tensor())
  }
}

extension Acceptance {
  @Suite(.withKeras) struct OldFileTests {
    private let files: OldFiles

    init() throws { files = try OldFiles.made.get() }

    /// Sums in another order.
    static let tolerance = 1e-5

    @Test func `Old files give what tf_keras gives after its own conversion`() throws {
      let names = try files.models
      #expect(names.count >= 45)
      for name in names {
        do {
          let (inputs, expected) = try files.answer(name)
          let found = try outputs(of: Checkpoint(path: files.path("\(name).h5")), for: inputs)
          expectEqual(found, [expected], within: Self.tolerance, name)
        } catch {
          Issue.record("\(name): \(error)")
        }
      }
    }

    @Test func `Weights by their places, of Keras 0, go into a model of today`() throws {
      let (inputs, expected) = try files.answer("places")
      let model = Sequential([
        InputLayer(shape: [3]), Dense(4), Dropout(0.5), BatchNormalization(epsilon: 0.01),
      ])
      try model.build()
      let report = try model.loadWeights(files.path("places.h5"))
      #expect(report.loaded.map(\.stored) == ["layer_0", "layer_2"])
      #expect(report.loaded.map(\.isConverted) == [false, true])
      expectEqual(try model.predict(inputs[0]), expected, within: Self.tolerance, "places")
    }

    @Test func `Saved in today's layout, they predict the same in tf_keras`() throws {
      // Only Keras 1 has a cosine.
      let names = try files.models.filter { $0 != "merged_cos" }
      for name in names {
        do {
          let model = try Model.load(files.path("\(name).h5"))
          try model.save(files.path("\(name).saved.h5"))
        } catch {
          Issue.record("\(name): \(error)")
        }
      }
      struct Finding: Decodable {
        let name: String
        let difference: Double?
        let problem: String?
      }
      // On a CPU TensorFlow runs few layers with the channels in front.
      let runnable = names.filter { !$0.hasSuffix("_th") && !$0.contains("_th_") }
      let findings = try Python.run("keratin_old.py", ["check", files.folder.path] + runnable)
        .map { try decoded(Finding.self, $0) }
      #expect(findings.count == runnable.count && findings.count >= 38)
      for finding in findings {
        #expect(finding.problem == nil, "\(finding.name)")
        #expect(finding.difference ?? .infinity <= Self.tolerance, "\(finding.name)")
      }
    }

    @Test func `Saved in today's layout, they predict the same here`() throws {
      for name in try files.models {
        let (inputs, expected) = try files.answer(name)
        let folder = try TemporaryFolder()
        try Model.load(files.path("\(name).h5")).save(folder.path("saved.h5"))
        let saved = try Checkpoint(path: folder.path("saved.h5"))
        #expect(saved.dialect == .keras2 && saved.weightsOrigin.isToday, "\(name)")
        let found = try outputs(of: saved, for: inputs)
        expectEqual(found, [expected], within: Self.tolerance, name)
      }
    }
  }
}
