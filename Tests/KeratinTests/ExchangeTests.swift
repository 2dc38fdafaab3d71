/// Files that go from Keras to Keratin and on to Keras.
import Foundation
import Keratin
import TestSupport
import Testing

extension Acceptance {
  @Suite(.withKeras) struct Exchange {
    static let kept = [
      "k3_review", "k3_norm", "k3_pools", "k3_lstm", "k3_directions", "k3_norm_weights",
      "tk_review", "tk_norm", "tk_pools", "tk_lstm", "tk_directions", "tk_slashes",
      "tk_norm_weights", "k3_translator", "tk_translator",
    ]

    /// Keras 3 refuses slashes in the names of layers, whoever wrote the file.
    static let convertible = kept.filter { $0 != "tk_slashes" }

    /// The same weights through other orders of sums: some units in the last place of probabilities.
    static let tolerance = 1e-6

    @Test func `every file that Keras made is handed back`() throws {
      #expect(try Set(KerasSide.files().answers.kept.keys) == Set(Self.kept))
    }

    @Test(arguments: kept)
    func `weights come back to Keras bit for bit`(name: String) throws {
      let expected = try KerasSide.files().arrays("kept_\(name)")
      let handover = try Handover.findings()
      _ = try handover.finding("same_\(name)")
      let found = try handover.arrays("same_\(name)")
      expectEqual(found.weights, expected.weights, within: 0, "\(name): weight")
      // Keras computes the same from the same bits, so these are the same bits too.
      expectEqual(found.predictions, expected.predictions, within: 0, "\(name): prediction")
    }

    @Test(arguments: kept)
    func `Keratin holds the weights and predicts as Keras does`(name: String) throws {
      let keras = try KerasSide.files()
      let kept = try #require(keras.answers.kept[name])
      let path = keras.path("kept_\(name).h5")
      let model = kept.weightsOnly ? norm() : try Model.load(path)
      if kept.weightsOnly { try model.loadWeights(path) }
      let expected = try keras.arrays("kept_\(name)")
      expectEqual(try model.weights, expected.weights, within: 0, "\(name): weight")
      let off = expectEqual(
        try model.predict(keras.data(kept.data, "xv")), expected.predictions,
        within: Self.tolerance, "\(name): prediction")
      // Where all rows are one to the model, there is nothing to compare.
      let values = expected.predictions.scalars.floats
      #expect(try #require(values.max()) - #require(values.min()) > 1e-3)
      measured("\(name): predictions within \(off) of Keras's")
    }

    @Test(arguments: convertible)
    func `a file converted for the other generation predicts the same there`(
      name: String
    ) throws {
      let expected = try KerasSide.files().arrays("kept_\(name)")
      let handover = try Handover.findings()
      let finding = try handover.finding("other_\(name)")
      let found = try handover.arrays("other_\(name)")
      expectEqual(found.weights, expected.weights, within: 0, "\(name): weight")
      expectEqual(
        found.predictions, expected.predictions, within: Self.tolerance, "\(name): prediction")
      guard let evaluation = finding.evaluation else { return }
      let keras = try KerasSide.files()
      let data = try #require(keras.answers.kept[name]).data
      let logs = try Model.load(keras.path("kept_\(name).h5")).evaluate(
        keras.data(data, "xv"), keras.data(data, "yv"), verbose: .silent)
      expectAgreement(evaluation, logs, rows: found.predictions.shape[0], name)
    }

    @Test(arguments: Resuming.files)
    func `what Keratin trained on loads and fits in Keras`(name: String) throws {
      try check(made: name, handed: "resumed_\(name)")
    }

    @Test(arguments: ["notebook", "every", "nesterov"], ["k3", "tk"])
    func `what Keratin made loads and fits in both generations`(
      name: String, generation: String
    ) throws {
      try check(made: name, handed: "born_\(name)_\(generation)")
    }

    private func check(made name: String, handed: String) throws {
      let handover = try Handover.findings()
      let finding = try handover.finding(handed)
      let made = try #require(handover.made[name])
      let found = try handover.arrays(handed)
      expectEqual(found.weights, made.weights, within: 0, "\(handed): weight")
      expectEqual(
        found.predictions, made.predictions, within: Self.tolerance, "\(handed): prediction")
      expectAgreement(
        try #require(finding.evaluation), made.logs, rows: found.predictions.shape[0], handed)
      #expect(finding.fitted?["loss"] != nil)
    }

    /// A loss is a mean of 32-bit floats. An accuracy is a count of rows, and may be one off where a
    /// probability is one half.
    private func expectAgreement(
      _ keras: [String: Double], _ logs: Logs, rows: Int, _ what: String
    ) {
      #expect(Set(keras.keys) == Set(logs.names), "\(what)")
      for (key, value) in logs.sorted {
        let bound = key == "acc" ? 1.01 / Double(rows) : 1e-5
        let difference = abs((keras[key] ?? .nan) - value)
        #expect(difference <= bound, "\(what): \(key) is \(value)")
      }
    }

    @Test func `what only another program knows survives loading and saving`() throws {
      let before = try KerasSide.files().path("extra.h5")
      let folder = try TemporaryFolder()
      let model = try Model.load(before)
      try model.save(folder.path("after.h5"))
      // The form that both generations read changes how Keras's own settings are said, nothing else.
      let stored = try Checkpoint(path: before).widelyReadable().checkpoint
      let after = try Checkpoint(path: folder.path("after.h5"))
      #expect(after.modelConfig == stored.modelConfig)
      #expect(after.modelConfig?["config"]?["from_the_future"] == ["a": [1, nil, 2.5]])
      #expect(
        after.modelConfig?["config"]?["layers"]?.array?.last?["config"]?["from_the_future"]
          == "kept")
      #expect(after.trainingConfig == stored.trainingConfig)
      #expect(after.trainingConfig?["from_the_future"] == true)
      #expect(after.extraAttributes == stored.extraAttributes && after.extraAttributes.count == 1)
      #expect(
        after.extraWeightsAttributes == stored.extraWeightsAttributes
          && after.extraWeightsAttributes.count == 1)
      let (old, new) = (stored.layers.map(\.extraAttributes), after.layers.map(\.extraAttributes))
      #expect(old == new && old.joined().count == 1)
    }
  }
}
