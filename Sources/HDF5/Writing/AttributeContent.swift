public import Tensors

/// What an attribute is to hold.
public struct AttributeContent: Sendable, Equatable {
  public var name: String
  public var value: AttributeContentValue

  public init(_ name: String, _ value: AttributeContentValue) {
    self.name = name
    self.value = value
  }
}

/// A value of an attribute, each case stored as h5py stores the Python value named beside it.
///
/// An attribute of more than 64 KB does not fit the object header of the file format that h5py
/// writes; only the references of variable-length strings count towards that, not their text.
public enum AttributeContentValue: Sendable, Equatable {
  /// A scalar variable-length string: `str` in Python (UTF-8), or `bytes` (ASCII).
  case string(String, encoding: StringEncoding)

  /// A list of strings: `["a", "b"]` is `.variable(.utf8)`, a numpy array of type `S` is `.fixed()`.
  case strings([String], StringStorage)

  /// A scalar string of its own length, padded with NUL: `numpy.bytes_`.
  case fixedString(String)

  /// A number or an array of numbers.
  case tensor(Tensor)

  /// Float64 of shape `(0,)`: what an empty list becomes, so Keras's `weight_names` of a layer
  /// without weights.
  case emptyFloat64

  /// A type without a value, the null dataspace: `h5py.Empty(dtype)`.
  case empty(DType)

  /// A scalar of uninterpreted bytes: `numpy.void`.
  case opaque([UInt8], tag: String = "")
}

/// The character set an HDF5 string says it is in. The text is written in UTF-8 either way: Keras
/// too stores UTF-8 text under the name of ASCII where it encodes to `bytes`.
public enum StringEncoding: Sendable, Hashable {
  case ascii, utf8
}

/// How the strings of a list are stored.
public enum StringStorage: Sendable, Hashable {
  /// Each of its own length, in the file's global heap.
  case variable(StringEncoding)

  /// All of one length in bytes, padded with NUL: of `length`, or else of the longest string.
  case fixed(length: Int? = nil, StringEncoding = .ascii)
}
