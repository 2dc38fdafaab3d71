/// The filters that the chunks of a dataset went through when they were written.
/// (HDF5 File Format Specification 3.0, section IV.A.2.l.)
struct FilterPipeline: Sendable {
  /// In the order of writing.
  let filters: [Filter]

  enum Filter: Sendable, Equatable {
    case deflate
    case shuffle(elementSize: Int)
    case fletcher32
  }

  static let none = FilterPipeline(filters: [])

  init(filters: [Filter]) { self.filters = filters }

  init(_ cursor: inout Cursor) throws {
    let version = try cursor.version(1...2)
    let count = Int(try cursor.u8())
    guard count <= Limits.filters else {
      throw cursor.malformed("\(count) filters, above \(Limits.filters)")
    }
    if version == 1 { try cursor.skip(6) }
    var filters: [Filter] = []
    for _ in 0..<count { filters.append(try Self.readFilter(&cursor, version: version)) }
    guard filters.count(where: { $0 == .deflate }) <= 1 else {
      throw cursor.unsupported("more than one deflate filter on a dataset")
    }
    self.filters = filters
  }

  private static func readFilter(_ cursor: inout Cursor, version: Int) throws -> Filter {
    let id = try cursor.u16()
    let nameLength = version == 1 || id >= 256 ? try cursor.u16() : 0
    try cursor.skip(2)  // flags: whether a writer may leave the filter out
    let valueCount = try cursor.u16()
    let paddedLength = version == 1 ? (nameLength + 7) / 8 * 8 : nameLength
    let name = String(repairing: try cursor.take(paddedLength).prefix { $0 != 0 })
    var values = try cursor.part(4 * valueCount)
    if version == 1 && valueCount % 2 == 1 { try cursor.skip(4) }
    switch id {
    case 1: return .deflate
    case 2: return .shuffle(elementSize: valueCount > 0 ? Int(try values.u32()) : 1)
    case 3: return .fletcher32
    default:
      let known = [4: "szip", 5: "nbit", 6: "scale-offset"][id]
      throw cursor.unsupported(
        "the filter \(known ?? (name.isEmpty ? "number \(id)" : "\"\(name)\" (\(id))"))")
    }
  }
}
