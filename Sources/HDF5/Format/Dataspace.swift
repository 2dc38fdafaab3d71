/// The shape of a dataset or attribute: scalar, simple or null.
/// (HDF5 File Format Specification 3.0, section IV.A.2.b.)
import Tensors

struct Dataspace: Sendable, Hashable {
  /// Nil for a null dataspace.
  let shape: Shape?
  /// The extents that the dataset may grow to, of which nil is unlimited; nil where it cannot grow.
  private let limits: [Int?]?

  /// The extents that the dataset may grow to; nil is unlimited.
  var maximum: [Int?] { limits ?? shape?.dimensions ?? [] }

  init(_ cursor: inout Cursor) throws {
    let version = try cursor.version(1...2)
    let rank = Int(try cursor.u8())
    let flags = try cursor.u8()
    let kind: UInt8
    if version == 1 {
      try cursor.skip(5)
      kind = rank == 0 ? 0 : 1
    } else {
      kind = try cursor.u8()
    }
    guard rank <= Limits.rank else {
      throw cursor.malformed("the rank is \(rank), above \(Limits.rank)")
    }
    switch kind {
    case 0, 1: break
    case 2:
      shape = nil
      limits = nil
      return
    default: throw cursor.malformed("the class is \(kind)")
    }
    guard kind == 1 || rank == 0 else { throw cursor.malformed("a scalar has extents") }

    let start = cursor.position
    var dimensions: [Int] = []
    for _ in 0..<rank { dimensions.append(try cursor.length()) }
    guard let shape = Shape(checking: dimensions) else {
      throw cursor.malformed("the extents \(dimensions) are uncountable", at: start)
    }
    self.shape = shape
    if flags & 1 != 0 {
      var maximum: [Int?] = []
      for extent in dimensions {
        let most = try cursor.optionalLength()
        if let most, most < extent {
          throw cursor.malformed("an extent of \(extent) is above its maximum \(most)")
        }
        maximum.append(most)
      }
      limits = maximum == dimensions ? nil : maximum
    } else {
      limits = nil
    }
  }
}
