/// The directory at the end of an archive. An archive that programs could read in two ways is refused.
///
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to
/// 4.3.16 (end records), 4.5.3 (64-bit sizes).
struct CentralDirectory {
  private(set) var entries: [ZipEntry] = []

  /// How each entry is read, by its name.
  private(set) var contents: [String: EntryContent] = [:]

  init(of file: borrowing InputFile, limits: ZipLimits) throws(ArchiveError) {
    let end = try EndRecord(of: file)
    guard end.entryCount <= limits.entries else {
      throw ArchiveError(
        .tooManyEntries(count: end.entryCount, limit: limits.entries), path: file.path)
    }
    guard end.directorySize <= limits.directorySize else {
      throw ArchiveError(
        .directoryTooLarge(size: end.directorySize, limit: limits.directorySize), path: file.path)
    }
    let bytes = try file.read(at: end.directoryOffset, count: end.directorySize)
    var rest = Record(bytes[...])
    var names: Set<String> = []
    for _ in 0..<end.entryCount {
      let offset = end.directoryOffset + bytes.count - rest.count
      guard let (entry, length) = try Self.entry(rest, path: file.path),
        let following = rest.slice(at: length, count: rest.count - length)
      else { throw ArchiveError(.damagedDirectory(offset: offset), path: file.path) }
      guard names.insert(entry.name).inserted else {
        throw ArchiveError(.duplicateName, path: file.path, entry: entry.name)
      }
      try Self.check(entry, path: file.path, limits: limits)
      entries.append(entry)
      rest = following
    }
    guard rest.count == 0 else {
      let offset = end.directoryOffset + bytes.count - rest.count
      throw ArchiveError(.damagedDirectory(offset: offset), path: file.path)
    }
    contents = try checkedHeaders(in: file, dataEnd: end.directoryOffset)
  }

  /// The entry whose record begins here, and the record's length; nil where there is no whole one.
  private static func entry(
    _ record: Record, path: String
  ) throws(ArchiveError) -> (ZipEntry, Int)? {
    guard record.uint32(at: 0) == 0x0201_4B50, let flags = record.uint16(at: 8),
      let code = record.uint16(at: 10), let checksum = record.uint32(at: 16),
      let compressed = record.uint32(at: 20), let size = record.uint32(at: 24),
      let nameLength = record.uint16(at: 28), let extraLength = record.uint16(at: 30),
      let commentLength = record.uint16(at: 32), let disk = record.uint16(at: 34),
      let offset = record.uint32(at: 42),
      let name = record.slice(at: 46, count: Int(nameLength)),
      let extra = record.slice(at: 46 + name.count, count: Int(extraLength)),
      let sizes = LargeSizes(extra, fields: [size, compressed, offset])
    else { return nil }
    let text = try checkedName(name.bytes, path: path)
    guard disk == 0 else { throw ArchiveError(.multipleDisks, path: path, entry: text) }
    // Bit 0: encrypted; 6: strongly; 13: the directory too.
    guard flags & 0x2041 == 0 else { throw ArchiveError(.encrypted, path: path, entry: text) }
    guard let method = ZipEntry.Method(rawValue: code) else {
      throw ArchiveError(.unsupportedMethod(Int(code)), path: path, entry: text)
    }
    let entry = ZipEntry(
      name: text, size: sizes.values[0], compressedSize: sizes.values[1], method: method,
      checksum: checksum, offset: sizes.values[2], flags: flags)
    return (entry, 46 + Int(nameLength) + Int(extraLength) + Int(commentLength))
  }

  private static func checkedName(
    _ bytes: ArraySlice<UInt8>, path: String
  ) throws(ArchiveError) -> String {
    let shown = String(decoding: bytes, as: UTF8.self)
    let fault: ArchiveError.NameFault? =
      if bytes.isEmpty {
        .empty
      } else if bytes.contains(0) {
        .nul
      } else if String(validating: bytes, as: UTF8.self) == nil {
        .notUTF8
      } else if bytes.contains(UInt8(ascii: "\\")) {
        .backslash
      } else if bytes.first == UInt8(ascii: "/") {
        .absolute
      } else if bytes.split(separator: UInt8(ascii: "/")).contains(where: {
        $0.elementsEqual("..".utf8)
      }) {
        .parentFolder
      } else {
        nil
      }
    if let fault { throw ArchiveError(.unsafeName(fault), path: path, entry: shown) }
    return shown
  }

  private static func check(
    _ entry: ZipEntry, path: String, limits: ZipLimits
  ) throws(ArchiveError) {
    let (size, compressed) = (entry.size, entry.compressedSize)
    func refuse(_ kind: ArchiveError.Kind) -> ArchiveError {
      ArchiveError(kind, path: path, entry: entry.name)
    }
    switch entry.method {
    case .stored:
      guard size == compressed else {
        throw refuse(.storedSizes(size: size, compressed: compressed))
      }
    case .deflated:
      guard size <= limits.inflatedSize else {
        throw refuse(.inflatedTooLarge(size: size, limit: limits.inflatedSize))
      }
      let (most, overflow) = compressed.multipliedReportingOverflow(by: limits.ratio)
      guard overflow || size <= most else {
        throw refuse(.ratioTooHigh(size: size, compressed: compressed, limit: limits.ratio))
      }
    }
  }
}
