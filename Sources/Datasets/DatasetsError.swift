/// What went wrong while data were read or prepared: the fact, and where it was met.
public struct DatasetsError: Error, Sendable {
  public let kind: Kind
  public let location: Location
  /// The error that led to this one, where there is one.
  public let cause: (any Error)?

  package init(_ kind: Kind, at location: Location = Location(), cause: (any Error)? = nil) {
    self.kind = kind
    self.location = location
    self.cause = cause
  }

  /// A place in a file.
  public struct Location: Sendable, Hashable {
    /// The path as the user gave it.
    public var file: String?
    /// The entry of a zip archive.
    public var entry: String?
    /// The byte, from 0, in the entry, or in the file where there is no entry.
    public var offset: Int?

    package init(file: String? = nil, entry: String? = nil, offset: Int? = nil) {
      self.file = file
      self.entry = entry
      self.offset = offset
    }

    func at(_ offset: Int) -> Location { Location(file: file, entry: entry, offset: offset) }
  }

  public enum Kind: Sendable, Hashable {
    // Files
    case missingFile
    case isDirectory
    case unreadable
    /// A file that Keras would fetch; `url` is where from.
    case missingDataset(url: String)

    // Arrays of numpy's .npy format
    case notNPY(found: [UInt8])
    case unsupportedVersion(major: UInt8, minor: UInt8)
    case headerTooLong(length: Int, limit: Int)
    case malformedHeader(expected: String, found: String)
    case unsupportedElements(descr: String)
    case uncountableShape([Int])
    case tooManyAxes(Int, limit: Int)
    case sizeMismatch(expected: Int, found: Int, dtype: String, shape: [Int])
    case truncated(expected: Int, found: Int)
    case raggedArray

    // Pickled object arrays
    case pickle(PickleFault)

    // Archives and what they hold
    case missingArrays(expected: [String], found: [String])
    case unevenLabels(x: String, samples: Int, y: String, labels: Int)
    case notSequences(name: String, found: String)
    case notLabels(name: String, found: String)
    case mixedLayouts

    // Sequences
    case nothingKept(maxlen: Int)
    case tokenOutOfRange(Int)
    case optionOutOfRange(name: String, value: Int)
    case paddingLength(Int)
    case noSequences
    case tooLarge(shape: [Int])

    // Word indexes
    case notWordIndex
    case rankOutOfRange(word: String, rank: Int)
  }

  /// Why a pickle was refused.
  public enum PickleFault: Sendable, Hashable {
    case protocolUnsupported(found: Int)
    case opcode(name: String)
    case global(name: String)
    case call(name: String, found: String)
    case truncated
    case trailingBytes(Int)
    case unexpected(opcode: String, expected: String, found: String)
    case unknownMemo(Int)
    case memoOrder(found: Int, next: Int)
    case integerTooWide(bytes: Int)
    case integerOutOfRange(Int)
    case invalidText
    case frame(length: UInt64, remaining: Int)
    case limit(of: String, Int)
    case rowItem(found: String)
    case nestedLists
    case interleavedLists
    case elementType(String)
    case fortranOrder
    case shape(declared: [Int], found: [Int])
    case items(expected: [Int], found: Int)
    /// Rows repeated by reference until they outgrow the file.
    case repetition(tokens: Int, limit: Int)
  }
}
