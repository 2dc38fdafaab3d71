/// Parts of tensors along the first axis.
package import Tensors

extension Tensor {
  /// The rows of `range`.
  ///
  /// - Precondition: the tensor has an axis, and these rows.
  package func rows(_ range: Range<Int>) -> Tensor {
    let width = shape[0] == 0 ? 0 : count / shape[0]
    let elements = range.lowerBound * width..<range.upperBound * width
    return Tensor(
      shape: Shape([range.count] + shape.dimensions.dropFirst()),
      scalars: scalars.slice(elements))
  }
}

extension Scalars {
  fileprivate func slice(_ range: Range<Int>) -> Scalars {
    switch self {
    case .bool(let v): .bool(Array(v[range]))
    case .int8(let v): .int8(Array(v[range]))
    case .int16(let v): .int16(Array(v[range]))
    case .int32(let v): .int32(Array(v[range]))
    case .int64(let v): .int64(Array(v[range]))
    case .uint8(let v): .uint8(Array(v[range]))
    case .uint16(let v): .uint16(Array(v[range]))
    case .uint32(let v): .uint32(Array(v[range]))
    case .uint64(let v): .uint64(Array(v[range]))
    case .float16(let v): .float16(bits: Array(v[range]))
    case .bfloat16(let v): .bfloat16(bits: Array(v[range]))
    case .float32(let v): .float32(Array(v[range]))
    case .float64(let v): .float64(Array(v[range]))
    }
  }
}
