import Tensors

/// What stands before the elements of an `.npy` array.
///
/// Source: numpy, "NEP 1 — A simple file format for NumPy arrays", and `numpy.lib.format`.
struct NPYHeader {
  let elements: Elements
  let fortranOrder: Bool
  let shape: Shape
  /// Where the elements begin.
  let dataOffset: Int

  enum Elements: Equatable {
    case numbers(DType, bigEndian: Bool)
    /// Python objects, stored as a pickle.
    case objects
  }

  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// numpy's own limit on what it parses.
  static let lengthLimit = 10_000

  /// numpy's own limit.
  static let axisLimit = 64

  init(_ bytes: [UInt8], at location: DatasetsError.Location) throws {
    guard bytes.starts(with: Self.magic) else {
      throw DatasetsError(.notNPY(found: [UInt8](bytes.prefix(6))), at: location.at(0))
    }
    guard bytes.count >= 8 else {
      throw DatasetsError(.truncated(expected: 8, found: bytes.count), at: location.at(6))
    }
    let (major, minor) = (bytes[6], bytes[7])
    guard (1...3).contains(major), minor == 0 else {
      throw DatasetsError(.unsupportedVersion(major: major, minor: minor), at: location.at(6))
    }
    let start = major == 1 ? 10 : 12
    guard bytes.count >= start else {
      throw DatasetsError(.truncated(expected: start, found: bytes.count), at: location.at(8))
    }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.lengthLimit else {
      throw DatasetsError(
        .headerTooLong(length: length, limit: Self.lengthLimit), at: location.at(8))
    }
    dataOffset = start + length
    guard bytes.count >= dataOffset else {
      throw DatasetsError(.truncated(expected: dataOffset, found: bytes.count), at: location.at(8))
    }
    var literal = NPYHeaderLiteral(bytes: bytes, range: start..<dataOffset, location: location)
    let fields = try literal.fields()
    fortranOrder = fields.fortranOrder

    guard let elements = Elements(descr: fields.descr) else {
      throw DatasetsError(.unsupportedElements(descr: fields.descr), at: location.at(start))
    }
    self.elements = elements
    guard fields.shape.count <= Self.axisLimit else {
      throw DatasetsError(
        .tooManyAxes(fields.shape.count, limit: Self.axisLimit), at: location.at(start))
    }
    guard let shape = Shape(checking: fields.shape) else {
      throw DatasetsError(.uncountableShape(fields.shape), at: location.at(start))
    }
    self.shape = shape
  }
}

extension NPYHeader.Elements {
  /// The meaning of a `descr` such as `<f4`, or nil where it is none that is read.
  ///
  /// bfloat16 is not a type of numpy's own; `ml_dtypes`, which TensorFlow and JAX use, saves it as
  /// `<V2`, whereas numpy's untyped records of two bytes are `|V2`.
  init?(descr: String) {
    var rest = descr[...]
    var order: Character = "|"
    if let first = rest.first, "<>|=".contains(first) {
      order = first
      rest = rest.dropFirst()
    }
    if rest == "O" || rest == "O8" || rest == "O4" {
      self = .objects
      return
    }
    let dtype: DType? =
      switch rest {
      case "b1": .bool
      case "i1": .int8
      case "i2": .int16
      case "i4": .int32
      case "i8": .int64
      case "u1": .uint8
      case "u2": .uint16
      case "u4": .uint32
      case "u8": .uint64
      case "f2": .float16
      case "f4": .float32
      case "f8": .float64
      case "V2" where order != "|": .bfloat16
      default: nil
      }
    guard let dtype, dtype.size == 1 || order != "|" else { return nil }
    self = .numbers(dtype, bigEndian: order == ">")
  }
}

extension DType {
  /// The `descr` of little-endian elements.
  var npyDescr: String {
    switch self {
    case .bool: "|b1"
    case .int8: "|i1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    case .uint16: "<u2"
    case .uint32: "<u4"
    case .uint64: "<u8"
    case .float16: "<f2"
    case .bfloat16: "<V2"
    case .float32: "<f4"
    case .float64: "<f8"
    }
  }
}
