import Synchronization

/// A zip archive, for reading: `.npz` and `.keras` files are such.
///
/// Opening reads and checks the whole directory (``ArchiveError`` lists what is refused), so that
/// the names, sizes and places of `entries` can be trusted; libzip then inflates the content and
/// compares its CRC-32. Nothing is ever unpacked to the disk.
public final class ZipArchive: Sendable {
  public let path: String

  /// In the order of the directory. No name occurs twice.
  public let entries: [ZipEntry]

  private let positions: [String: Int]
  private let library: Mutex<LibraryArchive>

  /// Opens the archive at `path`.
  ///
  /// - Throws: ``ArchiveError``.
  /// - Complexity: O(*entries*); the content is not read.
  public init(path: String, limits: ZipLimits = ZipLimits()) throws {
    let file = try InputFile(path)
    let entries = try CentralDirectory(of: file, limits: limits).entries
    // The same open file, so that nobody can put another in its place in between.
    let library = try LibraryArchive(file)
    try library.check(entries)
    self.path = path
    self.entries = entries
    positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
    self.library = Mutex(library)
  }

  /// Whether there is an entry of this name.
  public func contains(_ name: String) -> Bool { positions[name] != nil }

  /// The content of an entry, checked against its size and CRC-32.
  ///
  /// - Throws: ``ArchiveError``.
  public func contents(of name: String) throws -> [UInt8] {
    guard let position = positions[name] else {
      throw ArchiveError(.noEntry(entries: entries.map(\.name)), path: path, entry: name)
    }
    let entry = entries[position]
    return try library.withLock { library in try library.contents(of: entry, at: position) }
  }
}
