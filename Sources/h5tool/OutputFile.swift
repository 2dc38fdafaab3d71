/// What the user gives where a file is written.
import DurableFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

enum OutputFile {
  /// Finds out before the work is done whether its result can be written.
  ///
  /// - Parameters:
  ///   - option: the name of the option or argument.
  ///   - others: the paths that this one must not be, under the names of their options.
  /// - Throws: `CommandError` where it is one of `others`; `DurableFileError` where the file system
  ///   does not let the file be written.
  static func check(_ path: String, _ option: String, apartFrom others: [String: String]) throws {
    for (other, otherPath) in others.sorted(by: { $0.key < $1.key }) {
      if !path.isEmpty, resolved(path) == resolved(otherPath) {
        throw CommandError("\(path): this is \(option) and \(other); give \(option) another name.")
      }
    }
    // It is removed again without being committed.
    _ = try DurableFile(replacing: path)
  }

  private static func resolved(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}
