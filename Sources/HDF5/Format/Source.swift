/// One opened file as the structures' readers share it: its bytes, its geometry, what was decoded
/// already, and the ledger of what it has made its reader spend.
import Synchronization

final class Source: Sendable {
  let bytes: FileBytes
  let superblock: Superblock
  let limits: Limits

  /// What was decoded once and is asked for again and again, by address. Bounded, since every entry
  /// was charged to `limits.metadata`.
  private struct Memory {
    var headers: [Int: ObjectHeader] = [:]
    var kinds: [Int: ObjectKind] = [:]
    var links: [Int: LinkTable] = [:]
    var attributes: [Int: AttributeTable] = [:]
    var collections: [Int: GlobalHeapCollection] = [:]
    var summed: Set<Range<Int>> = []
    var metadataSpent = 0
    var readsSpent = 0
    var objectsRead: Set<ReadKey> = []
  }

  private struct ReadKey: Hashable {
    let object: Int
    let part: Int
  }

  private let memory = Mutex(Memory())

  init(_ bytes: FileBytes) throws {
    self.bytes = bytes
    self.superblock = try Superblock(of: bytes)
    self.limits = Limits(fileSize: bytes.count)
  }

  var geometry: Geometry { superblock.geometry }

  func cursor(
    _ structure: HDF5Error.Structure, at start: Int, count: Int? = nil
  ) throws -> Cursor {
    try Cursor(bytes, geometry, structure, at: start, count: count)
  }

  func cursor(_ structure: HDF5Error.Structure, _ range: Range<Int>) throws -> Cursor {
    try cursor(structure, at: range.lowerBound, count: range.count)
  }

  // MARK: What was decoded

  func header(at address: Int) throws -> ObjectHeader {
    if let known = memory.withLock({ $0.headers[address] }) { return known }
    let header = try ObjectHeader(self, at: address)
    memory.withLock { $0.headers[address] = header }
    return header
  }

  /// What the object is, from its messages.
  func kind(of header: ObjectHeader) throws -> ObjectKind {
    if header.isGroup { return .group }
    if let known = memory.withLock({ $0.kinds[header.address] }) { return known }
    let kind = try ObjectKind(self, of: header)
    memory.withLock { $0.kinds[header.address] = kind }
    return kind
  }

  func attributes(of header: ObjectHeader) throws -> AttributeTable {
    if let known = memory.withLock({ $0.attributes[header.address] }) { return known }
    let attributes = try AttributeTable(self, of: header)
    memory.withLock { $0.attributes[header.address] = attributes }
    return attributes
  }

  func links(of header: ObjectHeader) throws -> LinkTable {
    if let known = memory.withLock({ $0.links[header.address] }) { return known }
    let links = try LinkTable(self, of: header)
    memory.withLock { $0.links[header.address] = links }
    return links
  }

  func collection(at address: Int) throws -> GlobalHeapCollection {
    if let known = memory.withLock({ $0.collections[address] }) { return known }
    let collection = try GlobalHeapCollection(self, at: address)
    memory.withLock { $0.collections[address] = collection }
    return collection
  }

  // MARK: What was spent

  /// Charges for metadata that is decoded and remembered.
  func charge(metadata cost: Int) throws {
    let limit = limits.metadata
    let asked = memory.withLock { memory in
      let asked = memory.metadataSpent.addingClamped(cost)
      if asked <= limit { memory.metadataSpent = asked }
      return asked
    }
    try check(asked, limit, "the metadata")
  }

  /// Charges for bytes of metadata that are only looked through.
  func charge(scanned count: Int) throws { try charge(metadata: count / Limits.scanShare) }

  /// Whether the checksum of a block is still to be computed, which is charged for.
  func mustSum(_ range: Range<Int>) throws -> Bool {
    if memory.withLock({ $0.summed.contains(range) }) { return false }
    try charge(metadata: Limits.blockCost + range.count / Limits.scanShare)
    return true
  }

  /// Remembers that the checksum of a block is right.
  func wasSummed(_ range: Range<Int>) { memory.withLock { _ = $0.summed.insert(range) } }

  /// Charges for the elements of an object: `memory` held at once, `work` bytes produced in all. The
  /// work of an object (and of its `part`, an attribute) is charged only the first time, so that a
  /// program may read a weight as often as it likes.
  func charge(read object: Int, part: Int = 0, memory cost: Int, work: Int) throws {
    let limit = limits.allReads
    let key = ReadKey(object: object, part: part)
    let (held, asked) = memory.withLock { memory in
      let held = memory.metadataSpent.addingClamped(cost)
      guard !memory.objectsRead.contains(key), held <= limits.memory else { return (held, 0) }
      let asked = memory.readsSpent.addingClamped(work)
      if asked <= limit {
        memory.readsSpent = asked
        memory.objectsRead.insert(key)
      }
      return (held, asked)
    }
    try check(held, limits.memory, "reading the elements")
    try check(asked, limit, "reading the elements of so many objects")
  }

  private func check(_ asked: Int, _ limit: Int, _ what: String) throws {
    guard asked <= limit else {
      throw HDF5Error(
        .overLimit(what: what, asked: asked, limit: limit), at: .init(file: bytes.name))
    }
  }
}

extension Int {
  /// The sum of two non-negative numbers, `Int.max` where it does not fit.
  func addingClamped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// The product of two non-negative numbers, `Int.max` where it does not fit.
  func multipliedClamped(by other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }

  /// How many blocks of `size` hold this many items, without overflow.
  ///
  /// - Precondition: `self` is not negative and `size` is positive.
  func dividedRoundingUp(by size: Int) -> Int { self / size + (self % size == 0 ? 0 : 1) }
}
