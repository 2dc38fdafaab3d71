/// The type of the elements of a dataset or attribute, as it stands in the file.
public import Tensors

public struct Datatype: Sendable, Hashable {
  public let kind: Kind
  /// Bytes of one element in the file.
  public let size: Int
  /// Nil where the order of bytes means nothing.
  public let byteOrder: ByteOrder?

  public enum Kind: Sendable, Hashable {
    case integer(signed: Bool)
    case floatingPoint(FloatFormat)
    /// h5py's `bool`: an enumeration of FALSE = 0 and TRUE = 1 over int8.
    case boolean
    /// Any other enumeration; its elements read as the integers they are stored as.
    case enumeration(signed: Bool, members: [Member])
    case fixedString(StringPadding, CharacterSet)
    case variableString(StringPadding, CharacterSet)
    case opaque(tag: String)
    /// Inspected, but not read; the name says what it is.
    case unsupported(name: String)
  }

  public enum ByteOrder: Sendable, Hashable {
    case little, big
  }

  public enum FloatFormat: String, Sendable, Hashable {
    case binary16 = "float16"
    case bfloat16
    case binary32 = "float32"
    case binary64 = "float64"
  }

  /// What fills a string up to its length.
  public enum StringPadding: String, Sendable, Hashable {
    case nullTerminated = "nullterm"
    case nullPadded = "nullpad"
    case spacePadded = "spacepad"
  }

  public enum CharacterSet: String, Sendable, Hashable {
    case ascii, utf8
  }

  /// A name and a value of an enumeration; the value's bits as stored, in `size` bytes.
  public struct Member: Sendable, Hashable {
    public let name: String
    public let value: Int64

    public init(name: String, value: Int64) {
      self.name = name
      self.value = value
    }
  }

  public init(kind: Kind, size: Int, byteOrder: ByteOrder? = nil) {
    self.kind = kind
    self.size = size
    self.byteOrder = byteOrder
  }
}

extension Datatype {
  /// The type of a tensor that holds these elements, nil where they are no numbers or booleans.
  public var dtype: DType? {
    switch kind {
    case .boolean:
      .bool
    case .integer(let signed), .enumeration(let signed, _):
      switch size {
      case 1: signed ? .int8 : .uint8
      case 2: signed ? .int16 : .uint16
      case 4: signed ? .int32 : .uint32
      case 8: signed ? .int64 : .uint64
      default: nil
      }
    case .floatingPoint(.binary16): .float16
    case .floatingPoint(.bfloat16): .bfloat16
    case .floatingPoint(.binary32): .float32
    case .floatingPoint(.binary64): .float64
    case .fixedString, .variableString, .opaque, .unsupported: nil
    }
  }

  /// Whether the elements are text.
  public var isString: Bool {
    switch kind {
    case .fixedString, .variableString: true
    default: false
    }
  }

  /// The type of an attribute whose type message is damaged.
  static let unreadable = Datatype(kind: .unsupported(name: "damaged type"), size: 0)

  /// What it takes to remember, beside its own size.
  var rememberedCost: Int {
    switch kind {
    case .enumeration(_, let members):
      members.reduce(0) { $0 + Limits.memberCost + $1.name.utf8.count }
    case .opaque(let tag): tag.utf8.count
    default: 0
    }
  }
}

extension Datatype: CustomStringConvertible {
  /// As numpy names it, and what numpy does not know in words: `float32`, `int64 big-endian`,
  /// `bool`, `vlen str ascii`, `str 12 nullpad utf8`, `opaque 2`.
  public var description: String {
    switch kind {
    case .boolean: "bool"
    case .integer(let signed): (signed ? "int" : "uint") + "\(8 * size)" + order
    case .floatingPoint(let format): format.rawValue + order
    case .enumeration(let signed, let members):
      "enum " + (signed ? "int" : "uint") + "\(8 * size)" + order + " of \(members.count)"
    case .fixedString(let padding, let characters):
      "str \(size) \(padding.rawValue) \(characters.rawValue)"
    case .variableString(_, let characters): "vlen str \(characters.rawValue)"
    case .opaque(let tag): "opaque \(size)" + (tag.isEmpty ? "" : " \"\(tag)\"")
    case .unsupported(let name): name
    }
  }

  private var order: String { byteOrder == .big ? " big-endian" : "" }
}
