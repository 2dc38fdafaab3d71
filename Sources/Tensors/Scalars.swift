/// The elements of a tensor in its own type. Half precision is held as its bits, since not every
/// platform of Swift has `Float16` and none has bfloat16.
public enum Scalars: Sendable, Equatable {
  case bool([Bool])
  case int8([Int8])
  case int16([Int16])
  case int32([Int32])
  case int64([Int64])
  case uint8([UInt8])
  case uint16([UInt16])
  case uint32([UInt32])
  case uint64([UInt64])
  case float16(bits: [UInt16])
  case bfloat16(bits: [UInt16])
  case float32([Float])
  case float64([Double])

  public var dtype: DType {
    switch self {
    case .bool: .bool
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    }
  }

  public var count: Int {
    switch self {
    case .bool(let v): v.count
    case .int8(let v): v.count
    case .int16(let v): v.count
    case .int32(let v): v.count
    case .int64(let v): v.count
    case .uint8(let v): v.count
    case .uint16(let v): v.count
    case .uint32(let v): v.count
    case .uint64(let v): v.count
    case .float16(let v): v.count
    case .bfloat16(let v): v.count
    case .float32(let v): v.count
    case .float64(let v): v.count
    }
  }

  /// Every element as a `Float`, rounded to nearest where it does not fit exactly.
  public var floats: [Float] {
    switch self {
    case .float32(let v): v
    case .float64(let v): v.map { Float($0) }
    case .float16(let v): v.map { Float(float16Bits: $0) }
    case .bfloat16(let v): v.map { Float(bfloat16Bits: $0) }
    case .bool(let v): v.map { $0 ? 1 : 0 }
    case .int8(let v): v.map { Float($0) }
    case .int16(let v): v.map { Float($0) }
    case .int32(let v): v.map { Float($0) }
    case .int64(let v): v.map { Float($0) }
    case .uint8(let v): v.map { Float($0) }
    case .uint16(let v): v.map { Float($0) }
    case .uint32(let v): v.map { Float($0) }
    case .uint64(let v): v.map { Float($0) }
    }
  }

  /// Every element as a `Double`; exact except for integers beyond 2^53.
  public var doubles: [Double] {
    switch self {
    case .float64(let v): v
    case .int64(let v): v.map { Double($0) }
    case .uint64(let v): v.map { Double($0) }
    case .int32(let v): v.map { Double($0) }
    case .uint32(let v): v.map { Double($0) }
    default: floats.map { Double($0) }
    }
  }
}
