/// How a dataset is stored.
import Tensors

extension Dataset {
  /// The layouts of HDF5, and the two ways in which a dataset has none that is read.
  public enum Layout: Sendable, Hashable {
    /// In the object header.
    case compact
    /// In one run.
    case contiguous
    /// In chunks of so many elements along each axis, with the filters named.
    case chunked([Int], filters: [String])
    /// Assembled from other datasets; inspected, but not read.
    case virtual
    /// In other files; inspected, but not read.
    case external
    /// Not readable for this reason.
    case unreadable(String)
  }

  /// How the elements are stored; damage is described here and thrown where the elements are read.
  public var layout: Layout {
    typealias MessageType = ObjectHeader.MessageType
    if header.first(MessageType.externalFiles) != nil { return .external }
    guard let message = header.first(MessageType.dataLayout) else {
      return .unreadable("no data layout")
    }
    do {
      var cursor = try source.cursor(.dataLayout, of: message)
      switch try DataLayout(&cursor, rank: space.shape?.rank ?? 0) {
      case .compact: return .compact
      case .contiguous: return .contiguous
      case .virtual: return .virtual
      case .chunked(let chunks): return .chunked(chunks.extents, filters: try filterNames())
      }
    } catch {
      return .unreadable((error as? HDF5Error)?.kind.description ?? "\(error)")
    }
  }

  private func filterNames() throws -> [String] {
    guard let message = header.first(ObjectHeader.MessageType.filterPipeline) else { return [] }
    var cursor = try source.cursor(.filterPipeline, of: message)
    return try FilterPipeline(&cursor).filters.map(\.name)
  }

  /// Bytes that the elements take in the file: those of all chunks as they are stored, none where
  /// nothing was written.
  public var storedByteCount: Int {
    get throws {
      guard space.shape != nil else { return 0 }
      return try naming(object: path) {
        switch try reader().storage {
        case .inFile(let range): return range.count
        case .unwritten: return 0
        case .chunked(let layout, let filters, _):
          guard space.shape?.count != 0 else { return 0 }
          let index = ChunkIndex(source, layout, space, isFiltered: !filters.filters.isEmpty)
          try source.charge(
            read: address, part: .min, memory: 0,
            work: try index.entryCount().multipliedClamped(by: Limits.chunkCost))
          var total = 0
          try index.visit { total = total.addingClamped($0.size) }
          return total
        }
      }
    }
  }
}

extension Dataset.Layout: CustomStringConvertible {
  /// `contiguous`, `chunked (32, 64) shuffle deflate`.
  public var description: String {
    switch self {
    case .compact: "compact"
    case .contiguous: "contiguous"
    case .chunked(let extents, let filters):
      (["chunked (" + extents.map(String.init).joined(separator: ", ") + ")"] + filters)
        .joined(separator: " ")
    case .virtual: "virtual"
    case .external: "external"
    case .unreadable(let reason): "unreadable: \(reason)"
    }
  }
}

extension FilterPipeline.Filter {
  var name: String {
    switch self {
    case .deflate: "deflate"
    case .shuffle: "shuffle"
    case .fletcher32: "fletcher32"
    }
  }
}
