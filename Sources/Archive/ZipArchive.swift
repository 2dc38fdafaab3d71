/// A zip archive, for reading: `.npz` and `.keras` files are such.
///
/// Opening reads and checks the whole directory (``ArchiveError`` lists what is refused), so that
/// the names, sizes and places of `entries` can be trusted; the content is inflated by zlib and its
/// CRC-32 compared. Nothing is ever unpacked to the disk.
public final class ZipArchive: Sendable {
  public let path: String

  /// In the order of the directory. No name occurs twice.
  public let entries: [ZipEntry]

  /// By the name of the entry.
  private let contents: [String: EntryContent]
  private let file: InputFile

  /// Opens the archive at `path`.
  ///
  /// - Throws: ``ArchiveError``.
  /// - Complexity: O(*entries*); the content is not read.
  public init(path: String, limits: ZipLimits = ZipLimits()) throws {
    let file = try InputFile(path)
    let directory = try CentralDirectory(of: file, limits: limits)
    self.path = path
    entries = directory.entries
    contents = directory.contents
    self.file = file
  }

  /// Whether there is an entry of this name.
  public func contains(_ name: String) -> Bool { contents[name] != nil }

  /// The content of an entry, checked against its size and CRC-32.
  ///
  /// - Throws: ``ArchiveError``.
  public func contents(of name: String) throws -> [UInt8] {
    guard let content = contents[name] else {
      throw ArchiveError(.noEntry(entries: entries.map(\.name)), path: path, entry: name)
    }
    return try content.read(from: file)
  }
}
