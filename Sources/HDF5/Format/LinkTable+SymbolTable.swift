/// Groups as HDF5 1.0 to 1.6 wrote them, and h5py by default still does: a B-tree of symbol table
/// nodes whose names stand in a local heap.
/// (HDF5 File Format Specification 3.0, sections III.A.1, III.B, III.C and III.D.)
extension LinkTable.Builder {
  /// Reads the symbol table message at `cursor` and all that it leads to.
  mutating func readSymbolTable(_ cursor: inout Cursor) throws {
    let tree = try cursor.definedAddress(of: "B-tree")
    let heap = try LocalHeap(source, at: try cursor.definedAddress(of: "local heap"))
    var walk = BTreeV1Walk(source, .groupBTree, type: 0, root: tree)
    while var node = try walk.next() {
      for _ in 0..<node.entriesUsed {
        _ = try node.cursor.length()  // key: the heap offset of a name
        let child = try node.cursor.definedAddress(of: "child")
        if node.level > 0 {
          try walk.push(child, below: node)
        } else {
          try source.charge(metadata: Limits.blockCost)
          guard walk.visit(child) else { throw walk.cycle(at: child) }
          try readNode(at: child, heap)
        }
      }
    }
  }

  private mutating func readNode(at address: Int, _ heap: LocalHeap) throws {
    var cursor = try source.cursor(.symbolTable, at: address)
    try cursor.signature("SNOD")
    try cursor.version(1...1)
    try cursor.skip(1)
    let count = try cursor.u16()
    for _ in 0..<count {
      let nameOffset = try cursor.length()
      let address = try cursor.address()
      let cacheType = try cursor.u32()
      try cursor.skip(4)
      var scratch = try cursor.part(16)
      let name = try heap.text(at: nameOffset)
      if cacheType == 2 {
        let target = try heap.text(at: Int(try scratch.u32()))
        try add(name, .other(.soft(target: target)))
      } else {
        guard let address else {
          throw scratch.malformed("the address of \"\(name)\" is undefined")
        }
        try add(name, .hard(address))
      }
    }
  }
}

/// The names of a symbol table group. (Section III.D.)
struct LocalHeap {
  private let data: Cursor

  init(_ source: Source, at address: Int) throws {
    var cursor = try source.cursor(.localHeap, at: address)
    try cursor.signature("HEAP")
    try cursor.version(0...0)
    try cursor.skip(3)
    let size = try cursor.length()
    _ = try cursor.optionalLength()  // the free list
    let start = try cursor.definedAddress(of: "data segment")
    data = try source.cursor(.localHeap, at: start, count: size)
  }

  /// The NUL-terminated text at `offset` in the data segment.
  func text(at offset: Int) throws -> String {
    var cursor = data
    try cursor.skip(offset)
    return try cursor.terminatedText()
  }
}
