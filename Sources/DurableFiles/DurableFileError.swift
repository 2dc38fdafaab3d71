/// Why a file was not replaced. What stood at the path before stands there still.
public struct DurableFileError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case noName
    case noDirectory(String)
    case isDirectory
    case notRegularFile
    case notWritable
    case circularLinks
    /// The system refused; `code` is its `errno`.
    case failed(Operation, code: Int32)
  }

  public enum Operation: Sendable, Equatable {
    case examine, create, setPermissions, write, synchronise, close, rename
    case openDirectory, synchroniseDirectory
  }

  public let kind: Kind

  /// The path that was to be written.
  public let path: String

  init(_ kind: Kind, path: String) {
    self.kind = kind
    self.path = path
  }
}
