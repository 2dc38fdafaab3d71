/// `h5tool tree`: the bare HDF5 tree of any file.
import ArgumentParser
import HDF5

struct Tree: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree",
    abstract: "Show the HDF5 tree of a file: groups, datasets and attributes.",
    discussion: """
      Works on every HDF5 file. A part that cannot be read is shown with the reason.

      Example:
        h5tool tree best_model.h5
      """)

  @Argument(help: ArgumentHelp("An HDF5 file.", valueName: "FILE"))
  var file: String

  func run() throws {
    try InputFile.check(file, as: .hdf5)
    var lines: [String] = []
    var printer = TreePrinter { lines.append($0) }
    try printer.show(File(path: file))
    try StandardStreams.show(lines.joined(separator: "\n"))
  }
}
