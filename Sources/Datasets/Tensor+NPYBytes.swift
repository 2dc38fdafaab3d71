public import Tensors

/// Writing numpy's `.npy` format.
extension Tensor {
  /// The tensor as an `.npy` file of version 1.0, byte for byte what `numpy.save` writes:
  /// little-endian, C order, elements from a multiple of 64 bytes on. bfloat16 is written as
  /// `ml_dtypes` writes it, type `<V2`.
  ///
  /// - Precondition: at most 64 axes, numpy's limit.
  public var npyBytes: [UInt8] {
    precondition(shape.rank <= NPYHeader.axisLimit, "numpy has no arrays of \(shape.rank) axes")
    var header =
      "{'descr': '\(dtype.npyDescr)', 'fortran_order': False, 'shape': \(shape), }"
    // numpy leaves room for the first extent to grow to 21 digits.
    if let first = shape.dimensions.first {
      header += String(repeating: " ", count: 21 - String(first).count)
    }
    let unpadded = NPYHeader.magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: 64 - unpadded % 64) + "\n"

    var bytes = NPYHeader.magic + [1, 0]
    bytes.reserveCapacity(10 + header.utf8.count + count * dtype.size)
    append(UInt16(header.utf8.count), to: &bytes)
    bytes.append(contentsOf: header.utf8)
    appendElements(to: &bytes)
    return bytes
  }

  private func appendElements(to bytes: inout [UInt8]) {
    switch scalars {
    case .bool(let values): for value in values { bytes.append(value ? 1 : 0) }
    case .int8(let values): for value in values { append(value, to: &bytes) }
    case .int16(let values): for value in values { append(value, to: &bytes) }
    case .int32(let values): for value in values { append(value, to: &bytes) }
    case .int64(let values): for value in values { append(value, to: &bytes) }
    case .uint8(let values): bytes.append(contentsOf: values)
    case .uint16(let values): for value in values { append(value, to: &bytes) }
    case .uint32(let values): for value in values { append(value, to: &bytes) }
    case .uint64(let values): for value in values { append(value, to: &bytes) }
    case .float16(let values), .bfloat16(let values):
      for value in values { append(value, to: &bytes) }
    case .float32(let values): for value in values { append(value.bitPattern, to: &bytes) }
    case .float64(let values): for value in values { append(value.bitPattern, to: &bytes) }
    }
  }

  private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    for place in stride(from: 0, to: value.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> place))
    }
  }
}
