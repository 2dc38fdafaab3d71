/// A file that is replaced whole: at any moment, a crash of the process or of the machine included,
/// the old content stands at the path or the new one, never a part of either.
///
///     try DurableFile.write(bytes, to: "history.json")
///
///     let file = try DurableFile(replacing: "y.npy")   // or in pieces
///     try file.write(header)
///     try file.write(elements)
///     try file.commit()
///
/// The new content goes to a temporary file beside the target, is synchronised to the disk and
/// renamed over the target, and the directory is synchronised. On an error, or without `commit`,
/// the temporary file is removed and the old file stands. A process that is killed on the way
/// leaves its temporary file; the next write to the same target removes it.
///
/// - A symbolic link is followed: the file it leads to is replaced.
/// - The permissions of an existing file are kept, and its owner and group where the process may;
///   a new file gets `0666` less the process's umask. Access control lists, extended attributes and
///   other hard links stay with the old content.
/// - A file that may not be written is not replaced, though its directory would allow it.
public struct DurableFile: ~Copyable {
  private let target: Target
  private let temporary: String
  private var descriptor: FileDescriptor?

  /// Starts to replace the file at `path`, or to create it; what stands there stays until `commit`.
  public init(replacing path: String) throws(DurableFileError) {
    let target = try Target(path)
    target.removeStaleTemporaries()
    (temporary, descriptor) = try target.createTemporary()
    self.target = target
  }

  deinit {
    if let descriptor {
      // Also where it fails: there is nobody to tell, and the next write sweeps.
      _ = closeFile(descriptor)
      _ = removeFile(temporary)
    }
  }

  /// Adds bytes at the end.
  public func write(_ bytes: RawSpan) throws(DurableFileError) {
    guard let descriptor else { return }
    var written = 0
    while written < bytes.byteCount {
      let rest = bytes.extracting(written..<min(bytes.byteCount, written + Self.largestWrite))
      written += try target.attempt(.write) { writeFile(descriptor, rest) }
    }
  }

  /// Adds bytes at the end.
  public func write(_ bytes: [UInt8]) throws(DurableFileError) {
    // SAFETY: a span's bytes are unsafe where elements have padding; these have none.
    try unsafe write(bytes.span.bytes)
  }

  /// Puts what was written in the place of the target. When this returns it is on the disk; when
  /// it throws, the old content is what stands there.
  public consuming func commit() throws(DurableFileError) {
    guard let descriptor else { return }
    try target.attempt(.synchronise) { synchroniseFile(descriptor) }
    // Closed before it is visible: the lock on it would keep HDF5's own readers out.
    self.descriptor = nil
    do {
      try target.attempt(.close) { closeFile(descriptor) }
      try target.take(temporary)
    } catch {
      _ = removeFile(temporary)
      throw error
    }
  }

  /// Replaces the content of the file at `path`, or creates it.
  public static func write(_ bytes: RawSpan, to path: String) throws(DurableFileError) {
    let file = try DurableFile(replacing: path)
    try file.write(bytes)
    try file.commit()
  }

  /// Replaces the content of the file at `path`, or creates it.
  public static func write(_ bytes: [UInt8], to path: String) throws(DurableFileError) {
    // SAFETY: as above.
    try unsafe write(bytes.span.bytes, to: path)
  }

  /// Darwin refuses a write of 2 GiB, Linux cuts it short.
  private static let largestWrite = 1 << 30
}
