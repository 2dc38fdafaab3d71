/// The file that is to be replaced: where it really is, and what stands there.
struct Target {
  /// The path as the caller wrote it, for messages.
  let path: String
  let directory: String
  let name: String
  /// The file that stands there, or nil.
  let existing: FileFacts?

  var location: String { directory + name }

  /// Follows symbolic links, and refuses what cannot be replaced by a file.
  init(_ path: String) throws(DurableFileError) {
    var location = path
    // The limit of Linux; a longer chain is a circle.
    for _ in 0..<40 {
      let (facts, code) = examineFile(location)
      if let facts, facts.kind == .symbolicLink {
        guard let destination = readLink(location) else {
          throw DurableFileError(.failed(.examine, code: lastError()), path: path)
        }
        location =
          destination.hasPrefix("/")
          ? destination : Self.split(location).directory + destination
        continue
      }
      guard facts != nil || code == missingCode else {
        throw DurableFileError(.failed(.examine, code: code), path: path)
      }
      self.path = path
      (directory, name) = Self.split(location)
      existing = facts
      try check()
      return
    }
    throw DurableFileError(.circularLinks, path: path)
  }

  private func check() throws(DurableFileError) {
    switch existing?.kind {
    case .directory: throw DurableFileError(.isDirectory, path: path)
    case .other: throw DurableFileError(.notRegularFile, path: path)
    case .regular:
      guard mayWrite(location) else { throw DurableFileError(.notWritable, path: path) }
    case .symbolicLink, nil: break
    }
    guard !name.isEmpty else {
      throw DurableFileError(path.isEmpty ? .noName : .isDirectory, path: path)
    }
    let (parent, code) = examineFile(directory + ".")
    if parent == nil, code == missingCode {
      throw DurableFileError(.noDirectory(directory), path: path)
    }
  }

  /// The folder with its closing slash, and the last component.
  private static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("./", path) }
    let start = path.utf8.index(after: slash)
    return (String(path[..<start]), String(path[start...]))
  }

  /// Makes a system call, again while signals interrupt it.
  @discardableResult
  func attempt<Result: SignedInteger>(
    _ operation: DurableFileError.Operation, _ call: () -> Result
  ) throws(DurableFileError) -> Result {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = lastError()
      if code != interruptedCode {
        throw DurableFileError(.failed(operation, code: code), path: path)
      }
    }
  }
}
