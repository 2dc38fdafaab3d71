/// Reads the elements of one dataset or attribute into an array, from wherever they are.
import Tensors

struct ElementReader {
  let source: Source
  let datatype: Datatype
  let space: Dataspace
  let storage: Storage
  /// The object, and the attribute's place in the file (0 for a dataset): what work is charged to.
  let owner: (object: Int, part: Int)

  enum Storage {
    /// One run of bytes in the file.
    case inFile(Range<Int>)
    /// Nothing was written: every element is the fill value.
    case unwritten(fill: [UInt8]?)
    case chunked(ChunkedLayout, FilterPipeline, fill: [UInt8]?)
  }

  /// The elements of a dataset.
  init(dataset header: ObjectHeader, _ datatype: Datatype, _ space: Dataspace, _ source: Source)
    throws
  {
    self.source = source
    self.datatype = datatype
    self.space = space
    owner = (header.address, 0)
    storage = try Self.storage(of: header, datatype, space, source)
  }

  /// The elements of an attribute, which stand in its message.
  init(
    attribute data: Range<Int>, _ datatype: Datatype, _ space: Dataspace, of object: Int,
    _ source: Source
  ) throws {
    self.source = source
    self.datatype = datatype
    self.space = space
    owner = (object, data.lowerBound)
    let size = try Self.byteCount(datatype, space, at: .init(file: source.bytes.name))
    // Object headers of version 1 pad their messages, so there may be more.
    guard size <= data.count else {
      throw HDF5Error(
        .storedSize(declared: size, stored: data.count),
        at: .init(file: source.bytes.name, offset: data.lowerBound))
    }
    storage = .inFile(data.lowerBound..<data.lowerBound + size)
  }

  var elementCount: Int { space.shape?.count ?? 0 }

  /// Bytes of all elements as the file has them; the initialisers have checked that they fit.
  var byteCount: Int { elementCount.multipliedClamped(by: datatype.size) }

  static func byteCount(
    _ datatype: Datatype, _ space: Dataspace, at location: HDF5Error.Location
  ) throws -> Int {
    guard let shape = space.shape else { throw HDF5Error(.noElements, at: location) }
    let (bytes, overflow) = shape.count.multipliedReportingOverflow(by: datatype.size)
    guard !overflow else {
      throw HDF5Error(
        .overLimit(what: "reading the elements", asked: .max, limit: .max), at: location)
    }
    return bytes
  }

  private static func storage(
    of header: ObjectHeader, _ datatype: Datatype, _ space: Dataspace, _ source: Source
  ) throws -> Storage {
    typealias MessageType = ObjectHeader.MessageType
    let location = HDF5Error.Location(file: source.bytes.name, offset: header.address)
    guard header.first(MessageType.externalFiles) == nil else {
      throw HDF5Error(.unsupported(feature: "external storage"), at: location)
    }
    let size = try byteCount(datatype, space, at: location)
    guard let message = header.first(MessageType.dataLayout) else {
      throw HDF5Error(
        .malformed(structure: .dataLayout, fault: "the dataset has none"), at: location)
    }
    var cursor = try source.cursor(.dataLayout, of: message)
    let fill = try source.fillValue(of: header, elementSize: datatype.size)
    switch try DataLayout(&cursor, rank: space.shape?.rank ?? 0) {
    case .compact(let range):
      guard range.count == size else {
        throw HDF5Error(.storedSize(declared: size, stored: range.count), at: location)
      }
      return .inFile(range)
    case .contiguous(_, let stored) where size == 0 && stored ?? 0 == 0:
      return .unwritten(fill: fill)
    case .contiguous(nil, _):
      return .unwritten(fill: fill)
    case .contiguous(let address?, let stored):
      guard stored ?? size == size else {
        throw HDF5Error(.storedSize(declared: size, stored: stored ?? 0), at: location)
      }
      return .inFile(try source.cursor(.elements, at: address, count: size).range)
    case .chunked(let layout):
      guard layout.elementSize == datatype.size else {
        throw cursor.malformed(
          "chunks of \(layout.elementSize)-byte elements for a type of \(datatype.size) bytes")
      }
      var filters = FilterPipeline.none
      if let message = header.first(MessageType.filterPipeline) {
        var cursor = try source.cursor(.filterPipeline, of: message)
        filters = try FilterPipeline(&cursor)
      }
      return .chunked(layout, filters, fill: fill)
    case .virtual:
      throw HDF5Error(.unsupported(feature: "the virtual dataset layout"), at: location)
    }
  }

  // MARK: Reading

  /// All elements as values of `T`, in the file's order of bytes.
  ///
  /// - Parameters:
  ///   - zero: what the array holds before it is read; its type is the type of its elements.
  ///   - count: elements of `T`, which must be as many as fill `byteCount`.
  ///   - extraMemory: bytes that the caller makes of the result beside it.
  func read<T: BitwiseCopyable>(
    as zero: T, count: Int, extraMemory: Int = 0
  ) throws -> [T] {
    precondition(count.multipliedClamped(by: MemoryLayout<T>.stride) == byteCount)
    switch storage {
    case .inFile(let range):
      try charge(extraMemory: extraMemory, work: byteCount)
      defer { source.bytes.release(range) }
      return source.bytes.withBytes(range) { $0.elements(as: zero, count: count) }
    case .unwritten(let fill):
      try charge(extraMemory: extraMemory, work: byteCount)
      var elements = [T](repeating: zero, count: count)
      if let fill { elements.fill(with: fill) }
      return elements
    case .chunked(let layout, let filters, let fill):
      let index = ChunkIndex(source, layout, space, isFiltered: !filters.filters.isEmpty)
      guard byteCount > 0 else { return [] }
      // A chunk costs time beside its bytes: an entry in the index, and a set-up of its filters.
      let work = index.count.multipliedClamped(by: layout.chunkBytes)
        .addingClamped(try index.entryCount().multipliedClamped(by: Limits.chunkCost))
      try charge(
        extraMemory: extraMemory.addingClamped(layout.chunkBytes.multipliedClamped(by: 2)),
        work: work)
      var elements = [T](repeating: zero, count: count)
      if let fill { elements.fill(with: fill) }
      try index.visit { chunk in
        try read(chunk, layout, filters) { bytes in
          elements.scatter(bytes, of: chunk, layout, shape: index.shape)
        }
      }
      return elements
    }
  }

  private func charge(extraMemory: Int, work: Int) throws {
    try source.charge(
      read: owner.object, part: owner.part, memory: byteCount.addingClamped(extraMemory),
      work: work.addingClamped(extraMemory))
  }

  /// Lends the decoded bytes of one chunk.
  private func read(
    _ chunk: ChunkIndex.Record, _ layout: ChunkedLayout, _ filters: FilterPipeline,
    _ body: (RawSpan) -> Void
  ) throws {
    let range = try source.cursor(.chunk, at: chunk.address, count: chunk.size).range
    let location = HDF5Error.Location(file: source.bytes.name, offset: chunk.address)
    var filters = filters
    if layout.leavesPartialChunksUnfiltered, isPartial(chunk, layout) { filters = .none }
    try source.bytes.withBytes(range) { stored in
      if filters.filters.isEmpty {
        guard stored.byteCount == layout.chunkBytes else {
          throw HDF5Error(
            .storedSize(declared: layout.chunkBytes, stored: stored.byteCount), at: location)
        }
        body(stored)
      } else {
        let decoded = try filters.decode(
          stored, skipping: chunk.skippedFilters, chunkBytes: layout.chunkBytes, at: location)
        body(RawSpan(_elements: decoded.span))
      }
    }
  }

  /// Whether a chunk reaches beyond the shape.
  private func isPartial(_ chunk: ChunkIndex.Record, _ layout: ChunkedLayout) -> Bool {
    guard let shape = space.shape else { return false }
    return zip(chunk.position, zip(layout.extents, shape.dimensions)).contains { place, sizes in
      (place + 1).multipliedClamped(by: sizes.0) > sizes.1
    }
  }
}
