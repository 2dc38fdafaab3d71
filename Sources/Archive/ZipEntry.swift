/// A file in an archive, as the central directory tells of it.
public struct ZipEntry: Sendable, Equatable {
  public enum Method: UInt16, Sendable {
    case stored = 0
    case deflated = 8
  }

  /// The path inside the archive: relative, by slashes, without `..`.
  public let name: String

  /// Bytes of the content.
  public let size: Int

  /// Bytes that it takes in the archive.
  public let compressedSize: Int

  public let method: Method

  /// CRC-32 of the content.
  package let checksum: UInt32

  /// Where the entry's local header begins in the file.
  package let offset: Int

  /// The general purpose flags.
  let flags: UInt16
}
