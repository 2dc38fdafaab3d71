extension DurableFileError: CustomStringConvertible {
  /// One sentence: where, what was found, what to do.
  public var description: String {
    switch kind {
    case .noName:
      "The path of the file to write is empty; give it a name."
    case .noDirectory(let directory):
      "\(path): the directory \(directory) does not exist; create it first."
    case .isDirectory:
      "\(path): this is a directory; give the name of a file in it."
    case .notRegularFile:
      "\(path): this is not a regular file, so it cannot be replaced; give another name."
    case .notWritable:
      "\(path): the file may not be written; change its permissions or give another name."
    case .circularLinks:
      "\(path): the symbolic links lead in a circle; remove them."
    case .failed(let operation, let code):
      "\(path): cannot \(operation.words): \(systemMessage(code)); nothing there was changed."
    }
  }
}

extension DurableFileError.Operation {
  fileprivate var words: String {
    switch self {
    case .examine: "look at the file"
    case .create: "create a temporary file beside it"
    case .setPermissions: "give the new file the old one's permissions"
    case .write: "write the new content"
    case .synchronise: "bring the new content to the disk"
    case .close: "complete the new content"
    case .rename: "put the new content in its place"
    case .openDirectory: "open its directory"
    case .synchroniseDirectory: "bring its directory to the disk"
    }
  }
}
