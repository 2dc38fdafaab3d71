import Tensors

/// The elements of an `.npy` array as they are stored.
///
/// - Precondition: `bytes` holds all of them from `start` on.
struct StoredElements {
  let bytes: [UInt8]
  let start: Int
  let shape: Shape
  let bigEndian: Bool
  let fortranOrder: Bool

  /// The elements in the machine's byte order and row-major.
  func scalars(_ dtype: DType) -> Scalars {
    switch dtype {
    case .bool: .bool(rowMajor(integers(UInt8.self).map { $0 != 0 }))
    case .int8: .int8(rowMajor(integers()))
    case .int16: .int16(rowMajor(integers()))
    case .int32: .int32(rowMajor(integers()))
    case .int64: .int64(rowMajor(integers()))
    case .uint8: .uint8(rowMajor(integers()))
    case .uint16: .uint16(rowMajor(integers()))
    case .uint32: .uint32(rowMajor(integers()))
    case .uint64: .uint64(rowMajor(integers()))
    case .float16: .float16(bits: rowMajor(integers()))
    case .bfloat16: .bfloat16(bits: rowMajor(integers()))
    case .float32: .float32(rowMajor(integers(UInt32.self).map { Float(bitPattern: $0) }))
    case .float64: .float64(rowMajor(integers(UInt64.self).map { Double(bitPattern: $0) }))
    }
  }

  private func integers<T: FixedWidthInteger>(_ type: T.Type = T.self) -> [T] {
    let width = T.bitWidth / 8
    var values: [T] = []
    values.reserveCapacity(shape.count)
    for element in 0..<shape.count {
      let first = start + element * width
      var value: T = 0
      for place in 0..<width {
        let byte = bytes[bigEndian ? first + width - 1 - place : first + place]
        value |= T(truncatingIfNeeded: byte) << T(8 * place)
      }
      values.append(value)
    }
    return values
  }

  /// Column-major elements brought into row-major order; others as they are.
  private func rowMajor<T>(_ values: [T]) -> [T] {
    let extents = shape.dimensions
    guard fortranOrder, extents.count > 1, !values.isEmpty else { return values }
    var strides: [Int] = []
    var stride = 1
    for extent in extents {
      strides.append(stride)
      stride *= extent
    }
    var index = [Int](repeating: 0, count: extents.count)
    var position = 0
    var result: [T] = []
    result.reserveCapacity(values.count)
    for _ in values.indices {
      result.append(values[position])
      for axis in extents.indices.reversed() {
        index[axis] += 1
        position += strides[axis]
        if index[axis] < extents[axis] { break }
        position -= strides[axis] * extents[axis]
        index[axis] = 0
      }
    }
    return result
  }
}
