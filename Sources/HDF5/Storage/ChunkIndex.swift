/// Finds the chunks of a dataset, whichever index it has.
import Tensors

struct ChunkIndex {
  let source: Source
  let layout: ChunkedLayout
  let shape: [Int]
  /// Chunks along each axis: of the present shape, and of the greatest (nil: unlimited).
  let grid: [Int]
  let maximumGrid: [Int?]
  let isFiltered: Bool

  /// A chunk that is stored.
  struct Record {
    /// Its place in the grid.
    let position: [Int]
    let address: Int
    /// Bytes in the file.
    let size: Int
    /// Bit i says that filter i was left out.
    let skippedFilters: UInt32
  }

  init(_ source: Source, _ layout: ChunkedLayout, _ space: Dataspace, isFiltered: Bool) {
    self.source = source
    self.layout = layout
    self.isFiltered = isFiltered
    shape = space.shape?.dimensions ?? []
    grid = zip(shape, layout.extents).map { $0.dividedRoundingUp(by: $1) }
    maximumGrid = zip(space.maximum, layout.extents).map { extent, size in
      extent.map { $0.dividedRoundingUp(by: size) }
    }
  }

  /// The chunks that the shape needs, stored or not.
  var count: Int { grid.reduce(1) { $0.multipliedClamped(by: $1) } }

  /// The entries that a reader of the index passes: the arrays have one for each chunk of the greatest
  /// shape, stored or not.
  func entryCount() throws -> Int {
    switch layout.index {
    case .fixedArray(_?), .implicit(_?): try numbering(growing: false).end
    case .extensibleArray(_?): try numbering(growing: true).end
    default: count
    }
  }

  /// Bytes of the field that holds a filtered chunk's size. (`H5D__farray_crt_context`.)
  var sizeWidth: Int {
    let bits = Int.bitWidth - 1 - layout.chunkBytes.leadingZeroBitCount
    return min(1 + (bits + 8) / 8, 8)
  }

  /// Calls `body` with each stored chunk of the shape, in no particular order.
  func visit(_ body: (Record) throws -> Void) throws {
    // No index may give more chunks than the shape has places for, however it was damaged.
    var left = count
    func give(_ record: Record) throws {
      guard left > 0 else {
        throw HDF5Error(
          .malformed(structure: .chunk, fault: "the index has more chunks than the shape"),
          at: .init(file: source.bytes.name, offset: record.address))
      }
      left -= 1
      guard zip(record.position, grid).allSatisfy({ $0 < $1 }) else {
        throw HDF5Error(
          .malformed(
            structure: .chunk,
            fault: "the chunk at \(record.position) is outside the \(grid) chunks"),
          at: .init(file: source.bytes.name, offset: record.address))
      }
      try body(record)
    }
    switch layout.index {
    case .bTreeV1(let address?): try readBTreeV1(at: address, give)
    case .single(let address?, let filtered):
      try give(
        Record(
          position: grid.map { _ in 0 }, address: address,
          size: filtered?.size ?? layout.chunkBytes, skippedFilters: filtered?.mask ?? 0))
    case .implicit(let address?): try readImplicit(at: address, give)
    case .fixedArray(let address?): try readFixedArray(at: address, give)
    case .extensibleArray(let address?): try readExtensibleArray(at: address, give)
    case .bTreeV2(let address?): try readBTreeV2(at: address, give)
    case .bTreeV1(nil), .single(nil, _), .implicit(nil), .fixedArray(nil), .extensibleArray(nil),
      .bTreeV2(nil):
      break
    }
  }

  /// Nodes that a tree over this many chunks can need.
  var nodeAllowance: NodeAllowance {
    .atMost(count.multipliedClamped(by: 4).addingClamped(64))
  }
}
