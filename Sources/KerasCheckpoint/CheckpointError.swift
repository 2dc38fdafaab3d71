/// What was wrong with a checkpoint, and where.
///
/// Faults of the HDF5 file itself (truncated, not HDF5, a damaged object) are `HDF5Error`s and pass
/// through unchanged, since they name their place already.
public struct CheckpointError: Error, Sendable {
  public var kind: Kind
  public var location: Location

  public init(_ kind: Kind, at location: Location = Location()) {
    self.kind = kind
    self.location = location
  }

  /// The place of a fault, as far as it is known.
  public struct Location: Sendable, Hashable {
    /// The path of the file.
    public var file: String?
    /// The path of the group or dataset inside the file.
    public var object: String?

    public init(file: String? = nil, object: String? = nil) {
      self.file = file
      self.object = object
    }
  }

  public enum Kind: Sendable, Hashable {
    /// The file has none of the marks of a Keras checkpoint.
    case notKeras(found: [String])
    /// The file is Keras 3's own format of weights, which names no layers.
    case unsupportedFormat(name: String)
    case missingAttribute(name: String)
    case wrongAttribute(name: String, expected: String, found: String)
    case missingGroup(named: String, by: String)
    case missingDataset(named: String, by: String)
    case wrongWeightType(found: String)
    case brokenJSON(byte: Int, length: Int, expected: String)
    case unreadableVersion(String)
    /// A name stands twice in a list whose names must differ.
    case duplicateName(String, list: String)
    /// A name that cannot be a place in an HDF5 file.
    case unusableName(String, list: String)
    /// Two names of which one is a folder of the other.
    case conflictingNames(String, list: String)
    case tooMany(what: String, limit: Int)
    case attributeTooLong(name: String, bytes: Int, limit: Int)
    case noOptimizerConfig
    case unsupportedOptimizer(String)
    case optimizerStateCount(optimizer: String, expected: String, found: Int)
    case optimizerSlotShape(name: String, expected: [Int], found: [Int])
    case optimizerSlotMissing(slot: String, variable: Int)
    case unconvertible(what: String, to: String)
  }

  /// The same fault with what is missing of its place filled in.
  package func located(file: String? = nil, object: String? = nil) -> CheckpointError {
    CheckpointError(
      kind,
      at: Location(file: location.file ?? file, object: location.object ?? object))
  }
}
