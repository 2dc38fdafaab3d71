/// What an archive may ask for at most. A stored entry needs no limit of its own: it is as large as
/// its part of the file.
public struct ZipLimits: Sendable, Equatable {
  /// Entries of the archive.
  public var entries = 65_536

  /// Bytes of the central directory, which is read as a whole.
  public var directorySize = 16 << 20

  /// Bytes of a compressed entry, inflated.
  public var inflatedSize = 1 << 30

  /// Inflated bytes to a compressed byte: deflate's own best, 258 bytes from 2 bits (1032).
  public var ratio = 1032

  public init() {}
}
