/// Why an HDF5 file, or a part of one, cannot be read.
public struct HDF5Error: Error, Sendable {
  /// The fact; the sentence is written by `description`.
  public enum Kind: Sendable, Equatable {
    /// The operating system refused; `reason` is its own sentence.
    case cannotOpen(reason: String)
    /// The path names a folder, a device or a pipe.
    case notARegularFile
    /// The file has no bytes.
    case empty
    /// No HDF5 signature at byte 0, 512, 1024, 2048 …
    case notHDF5
    /// The superblock promises more bytes than the file has.
    case truncated(expected: Int, found: Int)
    /// A structure reaches beyond the file, or beyond the block that holds it.
    case outOfBounds(structure: Structure, needed: Int, available: Int)
    /// A structure does not begin with its signature.
    case badSignature(structure: Structure, expected: String)
    /// A version of a structure that no HDF5 release up to 1.14 writes.
    case unsupportedVersion(structure: Structure, version: Int)
    /// A part of HDF5 that is deliberately not read; the name says which.
    case unsupported(feature: String)
    /// A structure contradicts itself.
    case malformed(structure: Structure, fault: String)
    /// The stored checksum is not that of the stored bytes.
    case checksum(structure: Structure, stored: UInt32, computed: UInt32)
    /// A node is reached twice within one index.
    case cycle(structure: Structure)
    /// The link is not a hard link, and no other kind is followed.
    case linkNotFollowed(name: String, kind: Link.Kind)
    /// The path leads through, or to, an object of another kind.
    case wrongObject(expected: String, found: String)
    /// The elements are not of the type that was asked for.
    case wrongDatatype(expected: String, found: Datatype)
    /// A null dataspace: there are no elements to read.
    case noElements
    /// The bytes that are stored do not fill the shape that is declared.
    case storedSize(declared: Int, stored: Int)
    /// Decoding would take more memory or work than a file of this size may ask for.
    case overLimit(what: String, asked: Int, limit: Int)
    /// The deflate stream of a chunk is damaged; `reason` is zlib's own word.
    case inflate(reason: String)
  }

  /// Where it was found, as far as known.
  public struct Location: Sendable, Equatable {
    public var file: String?
    /// The path of the group or dataset, from the root.
    public var object: String?
    public var attribute: String?
    /// Bytes from the start of the file.
    public var offset: Int?

    public init(
      file: String? = nil, object: String? = nil, attribute: String? = nil, offset: Int? = nil
    ) {
      self.file = file
      self.object = object
      self.attribute = attribute
      self.offset = offset
    }
  }

  public var kind: Kind
  public var location: Location
  public var cause: (any Error)?

  public init(_ kind: Kind, at location: Location = Location(), cause: (any Error)? = nil) {
    self.kind = kind
    self.location = location
    self.cause = cause
  }
}

extension HDF5Error {
  /// The structures of the file format, by the names of its specification.
  public enum Structure: String, Sendable {
    case superblock
    case objectHeader = "object header"
    case sharedMessage = "shared message"
    case dataspace, datatype, attribute, link
    case attributeInfo = "attribute info"
    case linkInfo = "link info"
    case fillValue = "fill value"
    case dataLayout = "data layout"
    case filterPipeline = "filter pipeline"
    case symbolTable = "symbol table"
    case groupBTree = "group B-tree"
    case localHeap = "local heap"
    case globalHeap = "global heap"
    case fractalHeap = "fractal heap"
    case bTreeV2 = "version 2 B-tree"
    case chunkBTree = "chunk B-tree"
    case fixedArray = "fixed array"
    case extensibleArray = "extensible array"
    case chunk
    case elements = "element data"
  }
}

/// Runs `body` and says, in an error that does not say so yet, which object it was about.
func naming<R>(object: String, attribute: String? = nil, _ body: () throws -> R) throws -> R {
  do {
    return try body()
  } catch var error as HDF5Error {
    if error.location.object == nil { error.location.object = object }
    if error.location.attribute == nil { error.location.attribute = attribute }
    throw error
  }
}
