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
      Inspect.self, Tree.self, Predict.self, Evaluate.self, Train.self, Convert.self,
    ])
}
