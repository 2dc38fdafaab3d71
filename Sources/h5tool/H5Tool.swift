/// The command: inspects, runs, trains and converts Keras checkpoints.
import ArgumentParser

@main
struct H5Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "h5tool",
    abstract: "Inspect, run, train and convert Keras .h5 checkpoints, without Python.",
    discussion: """
      Start with:  h5tool inspect best_model.h5

      Results go to standard output, errors to standard error. Exit status: 0 when it worked, 1 when \
      it failed, 64 when the command line was wrong.
      """,
    version: "0.1.0",
    subcommands: [
      Inspect.self, Tree.self, PlanCommand.self, Predict.self, Evaluate.self, Train.self,
      Convert.self,
    ])

  static func main() {
    StandardStreams.holdClosedOnes()
    do {
      try checkCommand()
      var command = try parseAsRoot()
      try command.run()
    } catch {
      // Help and version come as errors too.
      let code = exitCode(for: error)
      if code == .success { exit(withError: error) }
      let sentence = code == .validationFailure ? usageSentence(error) : "\(error)"
      StandardStreams.complain("Error: \(sentence.asSentence)")
      exit(withError: code)
    }
  }

  private static var commandNames: [String] {
    configuration.subcommands.map { $0._commandName }
  }

  /// A word that is no command would be told as an argument too many.
  private static func checkCommand() throws {
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"),
      word != "help", !commandNames.contains(word)
    else { return }
    throw ValidationError(
      "There is no command '\(word)'; the commands are \(commandNames.joined(separator: ", "))")
  }

  /// What is wrong with the command line, and where to read how it is right.
  private static func usageSentence(_ error: any Error) -> String {
    let command = CommandLine.arguments.dropFirst().first { commandNames.contains($0) }
    let help = (["h5tool"] + [command].compactMap { $0 } + ["--help"]).joined(separator: " ")
    let message = message(for: error)
    return (message.hasSuffix(".") ? String(message.dropLast()) : message) + "; see '\(help)'"
  }
}

extension String {
  /// On one line and with a full stop: what parts of the package say of an error differs in that.
  fileprivate var asSentence: String {
    let line = split(whereSeparator: \.isNewline).joined(separator: " ").shownOnOneLine
    return line.last.map { ".!?".contains($0) } == true ? line : line + "."
  }
}
