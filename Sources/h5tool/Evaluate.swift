/// `h5tool evaluate`: the loss and metrics of a model on labelled data.
import ArgumentParser
import Keratin

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compute a model's loss and metrics on labelled data.",
    discussion: """
      Evaluates on x_test, y_test where the data has them, else on all of it.

      Example:
        h5tool evaluate best_model.h5 --data imdb.npz --num-words 10000 --maxlen 200
      """)

  @Argument(help: ArgumentHelp("A compiled model.", valueName: "MODEL"))
  var model: String

  @OptionGroup var data: DataOptions

  @Flag(help: #"Print {"loss": …, "acc": …}, with Keras's keys, and nothing else."#)
  var json = false

  func run() throws {
    try InputFile.check(self.model, as: .checkpoint)
    let model = try Model.load(model)
    let (train, test, holdsLists) = try data.load(for: model)
    let (x, y) = test ?? train
    let console = StandardOutputConsole()
    let logs = try UseError.located(model: self.model, data: data.data, holdsLists: holdsLists) {
      try model.evaluate(
        x, y, batchSize: data.batchSize, verbose: json ? .silent : .progress, console: console)
    }
    if json { try StandardStreams.show(logs.json) }
    if let failure = console.failure { throw failure }
    if let loss = logs["loss"], !loss.isFinite {
      warn("The loss is no number; look for NaN and Inf in \(data.data) and in the weights.")
    }
  }
}

extension Logs {
  /// The loss first, then the metrics: `{"loss": 0.3, "acc": 0.88}`.
  fileprivate var json: String {
    let names = ["loss"] + names.filter { $0 != "loss" }
    let members = names.compactMap { name in
      self[name].map { "\(JSON.string(name).text): \(JSON.number($0).text)" }
    }
    return "{" + members.joined(separator: ", ") + "}"
  }
}
