/// `h5tool tree`: the bare HDF5 tree of any file.
import ArgumentParser
import HDF5

struct Tree: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the HDF5 tree of a file: groups, datasets and attributes.",
    discussion: "Example:  h5tool tree best_model.h5")

  @Argument(help: "An HDF5 file.")
  var file: String

  func run() throws {
    var printer = TreePrinter { print($0) }
    try printer.show(File(path: file))
  }
}
