import Foundation
import KerasCheckpoint
import Tensors
import Testing
import Training

@Suite(.enabled(if: Keras.isThere, Keras.isAbsent)) struct CallbackKerasTests {
  @Test func `Early stopping stops, speaks and restores as Keras does`() throws {
    let cases = try Keras.answers.get().at("early_stopping").list
    #expect(cases.count == 36)
    for json in cases {
      let options = json.at("options")
      let callback = EarlyStopping(
        monitor: "val_loss", minDelta: options.at("min_delta").double ?? 0,
        patience: options.at("patience").int ?? 0, verbose: 1,
        mode: try #require(MonitorMode(rawValue: json.at("mode").string ?? "")),
        baseline: options.at("baseline").double,
        restoreBestWeights: options.at("restore_best_weights").bool ?? false,
        startFromEpoch: options.at("start_from_epoch").int ?? 0)
      let model = FakeModel()
      let console = FakeConsole()
      let context = TrainingContext.fake(model: model, console: console)
      var stopped: Int?
      callback.onTrainBegin(context)
      for (epoch, value) in json.at("values").numbers.enumerated() {
        model.weights = [Tensor([1], [Float(epoch)])]
        try callback.onEpochEnd(epoch, ["val_loss": value], context)
        if context.stopTraining {
          stopped = epoch
          break
        }
      }
      try callback.onTrainEnd([:], context)
      let trace = json.at("trace")
      #expect(stopped == trace.at("stopped").int, "\(json)")
      #expect(console.text == trace.at("text").string, "\(json)")
      #expect(model.weights == [Tensor([1], [Float(trace.at("weights").int ?? -1)])], "\(json)")
    }
  }

  /// Keras's older words are used for two things that 3.15 says in others: an infinite best value for
  /// `None`, and nothing when a file is complete.
  @Test func `A checkpoint saves when Keras does, and says so`() throws {
    let cases = try Keras.answers.get().at("model_checkpoint").list
    #expect(cases.count == 8)
    for json in cases {
      let options = json.at("options")
      let mode = try #require(MonitorMode(rawValue: json.at("mode").string ?? ""))
      let callback = ModelCheckpoint(
        json.at("path").string ?? "", monitor: "val_acc", mode: mode,
        saveBestOnly: options.at("save_best_only").bool ?? false,
        saveWeightsOnly: options.at("save_weights_only").bool ?? false, verbose: 1,
        initialValueThreshold: options.at("initial_value_threshold").double)
      let model = FakeModel()
      let console = FakeConsole()
      let context = TrainingContext.fake(model: model, console: console)
      try callback.onTrainBegin(context)
      for (epoch, value) in json.at("values").numbers.enumerated() {
        try callback.onEpochEnd(epoch, ["val_acc": value], context)
      }
      let trace = json.at("trace")
      #expect(
        model.saved + model.savedWeights == trace.at("saved").list.compactMap { $0[1]?.string },
        "\(json)")
      let start = mode == .max ? "from -inf" : "from inf"
      let expected = (trace.at("text").string ?? "").components(separatedBy: "\n")
        .filter { !$0.isEmpty && !$0.contains("finished saving") }
        .map { $0.replacingOccurrences(of: "from None", with: start) }
      #expect(console.text.split(separator: "\n").map(String.init) == expected, "\(json)")
    }
  }

  @Test func `The learning rate is lowered when Keras lowers it, with Keras's words`() throws {
    let cases = try Keras.answers.get().at("learning_rates").list
    #expect(cases.count == 16)
    for json in cases {
      let options = json.at("options")
      let callback: any Callback
      if let mode = MonitorMode(rawValue: json.at("mode").string ?? "") {
        callback = ReduceLROnPlateau(
          factor: options.at("factor").double ?? 0.1, patience: options.at("patience").int ?? 10,
          verbose: 1, mode: mode, minDelta: options.at("min_delta").double ?? 1e-4,
          cooldown: options.at("cooldown").int ?? 0, minLR: options.at("min_lr").double ?? 0)
      } else {
        callback = LearningRateScheduler(verbose: 1) { epoch, rate in epoch < 2 ? rate : rate * 0.5
        }
      }
      let model = FakeModel()
      let console = FakeConsole()
      let context = TrainingContext.fake(model: model, console: console)
      try callback.onTrainBegin(context)
      var rates: [Double] = []
      for (epoch, value) in json.at("values").numbers.enumerated() {
        try callback.onEpochBegin(epoch, context)
        try callback.onEpochEnd(epoch, ["val_loss": value], context)
        rates.append(Double(Float(model.learningRate)))
        #expect(context.addedLogs["learning_rate"] != nil)
      }
      let trace = json.at("trace")
      // Keras keeps the rate in a float32, and so does the trainer where it is used.
      #expect(rates == trace.at("rates").numbers, "\(json)")
      #expect(lines(console.text) == lines(trace.at("text").string ?? ""), "\(json)")
    }
  }

  private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

  @Test func `The progress line shows what Keras's shows`() throws {
    let cases = try Keras.answers.get().at("progress").list
    #expect(cases.count == 7)
    for json in cases {
      let target = json.at("target").int ?? 0
      let step = json.at("step").double ?? 0
      let verbosity = try #require(Verbosity(rawValue: json.at("verbose").int ?? 0))
      let console = FakeConsole(isTerminal: true)
      var now = 1000.0
      var bar = ProgressBar(
        target: target, verbosity: verbosity, console: console, clock: { now })
      var logs = Logs()
      for current in 1...target {
        now += step * (current == 1 ? 5 : 1)
        logs = ["acc": Double(current) / Double(target), "loss": 2.5e-4 * Double(current)]
        if verbosity == .progress { bar.update(current, logs, isFinal: false) }
      }
      now += 0.25
      logs.values["val_loss"] = .nan
      bar.update(target, logs, isFinal: true)
      #expect(drawings(console.text) == drawings(json.at("text").string ?? ""))
    }
  }

  /// Every state of the line, without what places it.
  private func drawings(_ text: String) -> [String] {
    text.visible.split(separator: /[\r\n\u{8}]+/)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}
