/// Elements as numbers.
import Tensors

extension ElementReader {
  /// The elements as a tensor of their own type.
  func tensor() throws -> Tensor {
    guard let shape = space.shape else {
      throw HDF5Error(.noElements, at: .init(file: source.bytes.name))
    }
    return Tensor(shape: shape, scalars: try scalars())
  }

  private func scalars() throws -> Scalars {
    guard let dtype = datatype.dtype else {
      if case .unsupported(let name) = datatype.kind {
        throw HDF5Error(.unsupported(feature: "the \(name)"), at: .init(file: source.bytes.name))
      }
      throw HDF5Error(
        .wrongDatatype(expected: "numbers", found: datatype), at: .init(file: source.bytes.name))
    }
    switch dtype {
    case .bool:
      let bytes = try read(as: UInt8(0), count: elementCount, extraMemory: elementCount)
      return .bool(bytes.map { $0 != 0 })
    case .int8: return .int8(try integers(Int8(0)))
    case .int16: return .int16(try integers(Int16(0)))
    case .int32: return .int32(try integers(Int32(0)))
    case .int64: return .int64(try integers(Int64(0)))
    case .uint8: return .uint8(try integers(UInt8(0)))
    case .uint16: return .uint16(try integers(UInt16(0)))
    case .uint32: return .uint32(try integers(UInt32(0)))
    case .uint64: return .uint64(try integers(UInt64(0)))
    case .float16: return .float16(bits: try integers(UInt16(0)))
    case .bfloat16: return .bfloat16(bits: try integers(UInt16(0)))
    case .float32:
      guard swaps else { return .float32(try read(as: Float(0), count: elementCount)) }
      return .float32(try integers(UInt32(0), extra: byteCount).map(Float.init(bitPattern:)))
    case .float64:
      guard swaps else { return .float64(try read(as: Double(0), count: elementCount)) }
      return .float64(try integers(UInt64(0), extra: byteCount).map(Double.init(bitPattern:)))
    }
  }

  /// Whether the file's order of bytes is not this machine's.
  private var swaps: Bool {
    let isLittle = Int16(littleEndian: 1) == 1
    return datatype.byteOrder == (isLittle ? .big : .little)
  }

  private func integers<T: FixedWidthInteger & BitwiseCopyable>(
    _ zero: T, extra: Int = 0
  ) throws -> [T] {
    var elements = try read(as: zero, count: elementCount, extraMemory: extra)
    if swaps {
      for index in elements.indices { elements[index] = elements[index].byteSwapped }
    }
    return elements
  }
}
