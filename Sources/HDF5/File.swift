/// An HDF5 file, read in pure Swift.
///
/// Opening reads the superblock and nothing else; groups, attributes and elements are read when they
/// are asked for. A large file is mapped, so that reading a weight touches its own pages alone.
/// Any bytes give a result or an `HDF5Error`, within the memory and time of `Limits`.
public final class File: Sendable {
  let source: Source

  /// Opens the file at `path`, read-only.
  public init(path: String) throws { source = try Source(try FileBytes(path: path)) }

  /// Reads a file that is held in memory; `name` stands for it in errors.
  public init(bytes: [UInt8], name: String) throws {
    source = try Source(FileBytes(bytes: bytes, name: name))
  }

  /// The path, or the name given to bytes in memory.
  public var path: String { source.bytes.name }

  /// Bytes in the file.
  public var size: Int { source.bytes.count }

  /// 0 to 3.
  public var superblockVersion: Int { source.superblock.version }

  /// The group that everything is in.
  public var root: Group {
    get throws {
      try naming(object: "/") {
        let node = try Node(source, at: source.superblock.root, path: "/")
        guard case .group(let group) = node else {
          throw HDF5Error(
            .wrongObject(expected: "group", found: node.kindName),
            at: .init(file: path, offset: source.superblock.root))
        }
        return group
      }
    }
  }
}
