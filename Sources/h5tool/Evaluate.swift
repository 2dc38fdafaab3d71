/// `h5tool evaluate`: the loss and metrics of a model on labelled data.
import ArgumentParser
import Keratin

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute a model's loss and metrics on labelled data.",
    discussion: """
      Evaluates on x_test, y_test where the data has them, else on all of it.

      Example:  h5tool evaluate best_model.h5 --data imdb.npz --num-words 10000 --maxlen 200
      """)

  @Argument(help: ArgumentHelp("A compiled model.", valueName: "MODEL"))
  var model: String

  @OptionGroup var data: DataOptions

  @Flag(help: #"Print {"loss": …, "acc": …}, with Keras's keys, and nothing else."#)
  var json = false

  func run() throws {
    let model = try Model.load(model)
    let (train, test) = try data.load(for: model)
    let (x, y) = test ?? train
    let logs = try model.evaluate(
      x, y, batchSize: data.batchSize, verbose: json ? .silent : .progress)
    if json { print(logs.json) }
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
