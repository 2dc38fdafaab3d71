/// Why an archive, or an entry of it, was not read.
public struct ArchiveError: Error, Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    // The file
    case cannotOpen(code: Int32)
    case cannotRead(code: Int32)
    case notRegularFile
    /// No end record, by which every zip archive is known.
    case notZip
    case multipleDisks
    /// The directory does not lie where the end record says, right before it.
    case misplacedDirectory
    /// A record of the directory is cut off or is no record.
    case damagedDirectory(offset: Int)
    case tooManyEntries(count: Int, limit: Int)
    case directoryTooLarge(size: Int, limit: Int)

    // An entry
    case duplicateName
    case unsafeName(NameFault)
    case encrypted
    case unsupportedMethod(Int)
    /// The local header is cut off or is none.
    case damagedHeader(offset: Int)
    /// The local header says otherwise than the directory.
    case headersDisagree(Field)
    /// The content reaches into the directory or beyond the file.
    case beyondData
    case overlap(with: String)
    /// Stored content whose two sizes differ.
    case storedSizes(size: Int, compressed: Int)
    case inflatedTooLarge(size: Int, limit: Int)
    case ratioTooHigh(size: Int, compressed: Int, limit: Int)

    // The content
    case noEntry(entries: [String])
    case wrongChecksum
    case wrongSize(expected: Int, found: Int)
    /// The content is no deflate stream of the size that the directory says.
    case inflate(reason: String)
  }

  public enum NameFault: Sendable, Equatable {
    case empty, absolute, parentFolder, backslash, nul, notUTF8
  }

  public enum Field: String, Sendable, Equatable {
    case name, flags, method, checksum, size
    case compressedSize = "compressed size"
  }

  public let kind: Kind

  /// The file.
  public let path: String

  /// The entry, where the error is about one.
  public let entry: String?

  init(_ kind: Kind, path: String, entry: String? = nil) {
    self.kind = kind
    self.path = path
    self.entry = entry
  }
}
