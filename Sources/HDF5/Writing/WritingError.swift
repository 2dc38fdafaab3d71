public import DurableFiles

/// Why an HDF5 file was not written. The file that stood at the path before stands there still.
public struct WritingError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// A name that HDF5 cannot hold: empty, `.`, or with a slash or NUL inside.
    case invalidName(String)
    /// Two nodes, or two attributes, of one name.
    case nameTaken
    /// A path leads through a dataset of this name.
    case notAGroup(String)
    /// The tree is deeper than the limit.
    case tooDeep(limit: Int)
    /// An attribute beyond what an object header holds.
    case attributeTooLarge(name: String, bytes: Int, limit: Int)
    /// A string that its storage cannot hold, since it contains NUL.
    case stringContainsNUL(attribute: String)
    /// A string longer than the fixed length asked for.
    case stringTooLong(attribute: String, bytes: Int, length: Int)
    /// A fixed length, or an opaque value, of no bytes.
    case noLength(attribute: String)
    /// libhdf5, which is loaded when something is written, cannot be.
    case noLibrary(reason: String)
    /// libhdf5 refused; its error stack, outermost call first.
    case library(operation: String, stack: [String])
    /// The file could not be put on the disk.
    case file(DurableFileError)
  }

  public let kind: Kind

  /// The file, where it is known.
  public internal(set) var file: String?

  /// The path of the object inside the file.
  public internal(set) var object: String

  init(_ kind: Kind, object: String, file: String? = nil) {
    self.kind = kind
    self.object = object
    self.file = file
  }

  /// The error with the object it is about, unless a deeper one is known already.
  func located(at path: String) -> WritingError {
    guard object.isEmpty else { return self }
    var error = self
    error.object = path
    return error
  }
}
