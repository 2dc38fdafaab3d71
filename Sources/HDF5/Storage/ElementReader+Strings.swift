/// Elements as text, of fixed and of variable length.
extension ElementReader {
  /// What one `String` costs beside its text.
  private static let stringCost = MemoryLayout<String>.stride

  /// The elements as strings, invalid UTF-8 repaired.
  func strings() throws -> [String] {
    switch datatype.kind {
    case .fixedString(let padding, _): try fixedStrings(padding)
    case .variableString: try variableStrings()
    case .unsupported(let name):
      throw HDF5Error(.unsupported(feature: "the \(name)"), at: .init(file: source.bytes.name))
    default:
      throw HDF5Error(
        .wrongDatatype(expected: "strings", found: datatype), at: .init(file: source.bytes.name))
    }
  }

  /// The bytes of all elements, one behind the other.
  func opaqueBytes(extraMemory: Int = 0) throws -> [UInt8] {
    try read(as: UInt8(0), count: byteCount, extraMemory: extraMemory)
  }

  private func fixedStrings(_ padding: Datatype.StringPadding) throws -> [String] {
    let extra = byteCount.addingClamped(elementCount.multipliedClamped(by: Self.stringCost))
    let bytes = try opaqueBytes(extraMemory: extra)
    return (0..<elementCount).map { index in
      let element = bytes[index * datatype.size..<(index + 1) * datatype.size]
      let filler: UInt8
      switch padding {
      case .nullTerminated: return String(repairing: element.prefix { $0 != 0 })
      case .nullPadded: filler = 0
      case .spacePadded: filler = 0x20
      }
      let end = element.lastIndex { $0 != filler }.map { $0 + 1 } ?? element.startIndex
      return String(repairing: element[..<end])
    }
  }

  /// Each element is a length and the identifier of an object in the global heap.
  /// (HDF5 File Format Specification 3.0, section VIII, "Variable-Length Strings".)
  private func variableStrings() throws -> [String] {
    let offsetSize = source.geometry.offsetSize
    let location = HDF5Error.Location(file: source.bytes.name)
    guard datatype.size == 4 + offsetSize + 4 else {
      throw HDF5Error(
        .malformed(structure: .datatype, fault: "text references of \(datatype.size) bytes"),
        at: location)
    }
    let references = try opaqueBytes(
      extraMemory: elementCount.multipliedClamped(by: Self.stringCost))
    let texts = try (0..<elementCount).map { try text(of: $0, in: references) }

    // Many references may name one text: what the copies take is known before any is made.
    let copied = texts.reduce(0) { $0.addingClamped($1?.count ?? 0) }
    try source.charge(
      read: owner.object, part: -1 - owner.part, memory: byteCount.addingClamped(copied),
      work: copied)
    return texts.map { range in
      guard let range else { return "" }
      return source.bytes.withBytes(range) { span in
        let bytes = span.array
        return String(repairing: bytes.prefix { $0 != 0 })
      }
    }
  }

  /// Where the text of an element is in the file; nil where it is empty.
  private func text(of index: Int, in references: [UInt8]) throws -> Range<Int>? {
    let offsetSize = source.geometry.offsetSize
    let start = index * datatype.size
    let length = Int(references.number(at: start, size: 4))
    let address = references.number(at: start + 4, size: offsetSize)
    let object = UInt32(truncatingIfNeeded: references.number(at: start + 4 + offsetSize, size: 4))
    guard length > 0 else { return nil }
    // What was never written is a reference to address 0.
    guard address != 0 || object != 0 else { return nil }
    guard let relative = Int(exactly: address), address != Geometry.ones(offsetSize) else {
      throw HDF5Error(
        .malformed(structure: .globalHeap, fault: "a text of \(length) bytes is at no address"),
        at: .init(file: source.bytes.name))
    }
    let collection = relative.addingClamped(source.geometry.base)
    guard let range = try source.collection(at: collection)[object] else {
      throw HDF5Error(
        .malformed(structure: .globalHeap, fault: "there is no object \(object)"),
        at: .init(file: source.bytes.name, offset: collection))
    }
    guard length <= range.count else {
      throw HDF5Error(
        .outOfBounds(structure: .globalHeap, needed: length, available: range.count),
        at: .init(file: source.bytes.name, offset: range.lowerBound))
    }
    return range.prefix(length)
  }
}

extension [UInt8] {
  /// The unsigned little-endian number of `size` bytes at `offset`.
  fileprivate func number(at offset: Int, size: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<size { value |= UInt64(self[offset + index]) << UInt64(8 * index) }
    return value
  }
}
