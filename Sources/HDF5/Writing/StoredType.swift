internal import CHDF5
import Tensors

/// The types of values in the file, each as h5py chooses it. Memory has the same types: every
/// platform of Swift is little-endian, so libhdf5 converts nothing.
enum StoredType {
  /// The type of one element of a tensor.
  static func element(_ dtype: DType) throws(WritingError) -> Handle {
    switch dtype {
    case .int8: try copy("H5T_STD_I8LE_g")
    case .int16: try copy("H5T_STD_I16LE_g")
    case .int32: try copy("H5T_STD_I32LE_g")
    case .int64: try copy("H5T_STD_I64LE_g")
    case .uint8: try copy("H5T_STD_U8LE_g")
    case .uint16: try copy("H5T_STD_U16LE_g")
    case .uint32: try copy("H5T_STD_U32LE_g")
    case .uint64: try copy("H5T_STD_U64LE_g")
    case .float32: try copy("H5T_IEEE_F32LE_g")
    case .float64: try copy("H5T_IEEE_F64LE_g")
    case .bool: try boolean()
    case .float16: try binary16()
    // HDF5 has no bfloat16; h5py stores numpy's `|V2`, two bytes without a tag.
    case .bfloat16: try opaque(size: 2, tag: "")
    }
  }

  /// A string of a fixed size in bytes, padded with NUL.
  static func string(size: Int, _ encoding: StringEncoding) throws(WritingError) -> Handle {
    let type = try copy("H5T_C_S1_g")
    try set("the length of a string") { chdf5_H5Tset_size(type.id, size) }
    try set("the padding of a string") { chdf5_H5Tset_strpad(type.id, H5T_STR_NULLPAD) }
    try set("the encoding of a string") { chdf5_H5Tset_cset(type.id, encoding.characterSet) }
    return type
  }

  /// The library's `H5T_VARIABLE`, all bits of a `size_t`, which Swift takes for signed.
  private static let variableSize = -1

  /// A string of variable length.
  static func variableString(_ encoding: StringEncoding) throws(WritingError) -> Handle {
    let type = try copy("H5T_C_S1_g")
    try set("the length of a string") { chdf5_H5Tset_size(type.id, variableSize) }
    try set("the encoding of a string") { chdf5_H5Tset_cset(type.id, encoding.characterSet) }
    return type
  }

  /// Uninterpreted bytes.
  static func opaque(size: Int, tag: String) throws(WritingError) -> Handle {
    let type = try Handle("creating a type") { chdf5_H5Tcreate(H5T_OPAQUE, size) }
    // SAFETY: the library copies the tag, which Swift holds for the call.
    try set("the tag of a type") { unsafe chdf5_H5Tset_tag(type.id, tag) }
    return type
  }

  /// h5py's boolean: an enumeration FALSE, TRUE of one byte.
  private static func boolean() throws(WritingError) -> Handle {
    let type = try Handle("creating a type") {
      unsafe chdf5_H5Tenum_create(chdf5_variable("H5T_STD_I8LE_g"))
    }
    for (name, value) in [("FALSE", 0), ("TRUE", 1)] as [(String, Int8)] {
      // SAFETY: the library reads one byte, of a value that Swift holds for the call.
      try set("a name of a boolean") {
        unsafe withUnsafePointer(to: value) { unsafe chdf5_H5Tenum_insert(type.id, name, $0) }
      }
    }
    return type
  }

  /// IEEE 754 half precision: sign at bit 15, 5 bits of exponent from 10, 10 of fraction from 0.
  private static func binary16() throws(WritingError) -> Handle {
    let type = try copy("H5T_IEEE_F32LE_g")
    try set("the fields of float16") { chdf5_H5Tset_fields(type.id, 15, 10, 5, 0, 10) }
    try set("the size of float16") { chdf5_H5Tset_size(type.id, 2) }
    try set("the bias of float16") { chdf5_H5Tset_ebias(type.id, 15) }
    return type
  }

  /// A type of the library's own, by its variable's name.
  private static func copy(_ name: String) throws(WritingError) -> Handle {
    // SAFETY: here and above, Swift holds the name for the call.
    try Handle("creating a type") { unsafe chdf5_H5Tcopy(chdf5_variable(name)) }
  }

  private static func set(_ what: String, _ body: () -> herr_t) throws(WritingError) {
    _ = try Library.call("setting \(what)", body)
  }
}

extension StringEncoding {
  var characterSet: H5T_cset_t {
    switch self {
    case .ascii: H5T_CSET_ASCII
    case .utf8: H5T_CSET_UTF8
    }
  }
}
