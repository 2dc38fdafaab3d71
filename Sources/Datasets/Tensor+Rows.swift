import Tensors

extension Tensor {
  /// The samples at these positions of the first axis, in this order.
  ///
  /// - Precondition: there is a first axis, and it has these positions.
  func gathering(_ rows: [Int]) -> Tensor {
    precondition(shape.rank > 0, "a scalar has no rows")
    let rest = Shape([Int](shape.dimensions.dropFirst()))
    let shape = Shape([rows.count] + rest.dimensions)
    func gathered<T>(_ values: [T]) -> [T] {
      var result: [T] = []
      result.reserveCapacity(shape.count)
      for row in rows { result += values[(row * rest.count)..<((row + 1) * rest.count)] }
      return result
    }
    let scalars: Scalars =
      switch scalars {
      case .bool(let values): .bool(gathered(values))
      case .int8(let values): .int8(gathered(values))
      case .int16(let values): .int16(gathered(values))
      case .int32(let values): .int32(gathered(values))
      case .int64(let values): .int64(gathered(values))
      case .uint8(let values): .uint8(gathered(values))
      case .uint16(let values): .uint16(gathered(values))
      case .uint32(let values): .uint32(gathered(values))
      case .uint64(let values): .uint64(gathered(values))
      case .float16(let values): .float16(bits: gathered(values))
      case .bfloat16(let values): .bfloat16(bits: gathered(values))
      case .float32(let values): .float32(gathered(values))
      case .float64(let values): .float64(gathered(values))
      }
    return Tensor(shape: shape, scalars: scalars)
  }
}
