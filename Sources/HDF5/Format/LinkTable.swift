/// The links of one group, from whichever of HDF5's three forms it has them in, sorted by the bytes
/// of their names.
struct LinkTable: Sendable {
  let entries: [Entry]

  struct Entry: Sendable {
    let name: String
    let target: Target
  }

  enum Target: Sendable {
    /// Where the object header begins.
    case hard(Int)
    /// Every other kind; boxed, since links are many and these are few.
    indirect case other(Link.Kind)
  }

  init(_ source: Source, of header: ObjectHeader) throws {
    var builder = Builder(source)
    if let message = header.first(ObjectHeader.MessageType.symbolTable) {
      var cursor = try source.cursor(.symbolTable, of: message)
      try builder.readSymbolTable(&cursor)
    }
    for message in header.messages where message.type == ObjectHeader.MessageType.link {
      var cursor = try source.cursor(.link, of: message)
      try builder.readLink(&cursor)
    }
    if let message = header.first(ObjectHeader.MessageType.linkInfo) {
      var cursor = try source.cursor(.linkInfo, of: message)
      try builder.readDense(&cursor)
    }
    entries = builder.entries.sorted { $0.name.precedesByBytes($1.name) }
  }

  /// The link of exactly this name.
  subscript(name: String) -> Entry? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].name.precedesByBytes(name) { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].name.utf8.elementsEqual(name.utf8) else { return nil }
    return entries[low]
  }

  /// Gathers the links and charges for each.
  struct Builder {
    let source: Source
    private(set) var entries: [Entry] = []

    init(_ source: Source) { self.source = source }

    mutating func add(_ name: String, _ target: Target) throws {
      try source.charge(metadata: Limits.linkCost + name.utf8.count)
      entries.append(Entry(name: name, target: target))
    }
  }
}

extension String {
  /// The order of HDF5's own name index: by bytes, not by Unicode's rules.
  func precedesByBytes(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }
}
