/// `h5tool plan`: how a model computes.
import ArgumentParser
import Keratin

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show how a model predicts: its program, op by op, and the plan that is run.",
    discussion: """
      The program is what the layers say. The plan is what passes made of it: fused ops, values that \
      are prepared once, the bytes of memory. Weights are not read.

      Example:
        h5tool plan best_model.h5 --rows 32 --length 200
      """)

  @Argument(help: ArgumentHelp("A full model.", valueName: "MODEL"))
  var model: String

  @Option(help: ArgumentHelp("The samples of a batch.", valueName: "N"))
  var rows = 32

  @Option(
    help: ArgumentHelp(
      "The length of what the model leaves open, such as the words of a review.", valueName: "N"))
  var length: Int?

  @Option(
    help: ArgumentHelp(
      "How many batches are to come: from some number on, more is prepared.", valueName: "N"))
  var runs = 1

  func validate() throws {
    let limit = Int(Int32.max)
    for (name, value) in [("--rows", rows), ("--length", length ?? 1), ("--runs", runs)]
    where !(1...limit).contains(value) {
      throw ValidationError("\(name) must be from 1 to \(limit)")
    }
  }

  func run() throws {
    try InputFile.check(model, as: .checkpoint)
    let graph: Graph
    do {
      let checkpoint = try Checkpoint(path: model)
      guard let config = checkpoint.modelConfig else { throw ModelFileError.Reason.weightsOnly }
      graph = try Graph(modelConfig: config, dialect: checkpoint.dialect)
    } catch {
      throw ModelFileError(path: model, cause: error)
    }
    do {
      let plan = try Model(graph).predictionPlan(rows: rows, length: length, runs: runs)
      try StandardStreams.show(plan.description)
    } catch let error as ModelGraphError where length == nil && error.isAboutShape {
      throw CommandError("\(model): \(error); give --length, the length of the model's data.")
    } catch let error as ModelGraphError {
      throw ModelFileError(path: model, cause: error)
    }
  }
}

extension ModelGraphError {
  /// Whether a length that was not given may be the reason.
  fileprivate var isAboutShape: Bool {
    switch kind {
    case .unknownInputShape, .inputShape: true
    default: false
    }
  }
}
