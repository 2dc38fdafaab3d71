/// A value on the pickle machine's stack. Everything larger than an integer is a number into one of
/// the machine's tables, so that a value takes 8 bytes and no value owns another.
enum PickleValue: Equatable {
  case none
  case bool(Bool)
  case int(Int32)
  case text(UInt32)
  case bytes(UInt32)
  case tuple(UInt32)
  case list(UInt32)
  case global(PickleGlobal)
  /// The numpy type “object”, the only one there is here.
  case elementType
  /// The one array that the pickle describes.
  case array

  /// What it is, for a message.
  var name: String {
    switch self {
    case .none: "None"
    case .bool: "a boolean"
    case .int(let value): "the integer \(value)"
    case .text: "a text"
    case .bytes: "bytes"
    case .tuple: "a tuple"
    case .list: "a list"
    case .global(let global): global.rawValue
    case .elementType: "a numpy type"
    case .array: "a numpy array"
    }
  }
}

/// The only names that a pickle may ask for.
enum PickleGlobal: String {
  case array = "numpy.ndarray"
  case elementType = "numpy.dtype"
  /// `numpy.core.multiarray` until numpy 1, `numpy._core.multiarray` since.
  case reconstruct = "numpy._core.multiarray._reconstruct"
  /// How Python 3 writes bytes in protocol 2.
  case encode = "_codecs.encode"

  init?(module: String, name: String) {
    switch (module, name) {
    case ("numpy", "ndarray"): self = .array
    case ("numpy", "dtype"): self = .elementType
    case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
      self = .reconstruct
    case ("_codecs", "encode"): self = .encode
    default: return nil
    }
  }
}
