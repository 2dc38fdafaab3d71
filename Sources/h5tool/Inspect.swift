/// `h5tool inspect`: what is in a checkpoint, without running it.
import ArgumentParser
import Keratin

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a checkpoint holds: layers, parameters, compile settings, optimizer.",
    discussion: """
      Works on full models and on files of weights alone, of every Keras generation, also where \
      Keratin cannot run a layer. Weights are read only for --weights.

      Example:
        h5tool inspect best_model.h5 --weights
      """)

  @Argument(help: ArgumentHelp("A checkpoint.", valueName: "FILE"))
  var file: String

  @Flag(
    help: "Add each weight's name, shape, dtype, min, max, mean, standard deviation, NaN and Inf.")
  var weights = false

  @Flag(help: "Add the stored configuration of the model.")
  var config = false

  @Flag(help: "Print everything as one JSON object.")
  var json = false

  func run() throws {
    try InputFile.check(file, as: .checkpoint)
    let text: String
    do {
      let inspection = try Inspection(path: file, withStatistics: weights)
      text = json ? inspection.json(withConfig: config).text : inspection.text(withConfig: config)
    } catch {
      throw ModelFileError(path: file, cause: error)
    }
    try StandardStreams.show(text)
  }
}
