extension CentralDirectory {
  /// Compares every entry's own header with the directory, and sees that no two entries share bytes
  /// and none reaches into the directory.
  func checkedHeaders(
    in file: borrowing InputFile, dataEnd: Int
  ) throws(ArchiveError) -> [String: EntryContent] {
    var contents: [String: EntryContent] = [:]
    var previous: (name: String, end: Int) = ("", 0)
    for entry in entries.sorted(by: { $0.offset < $1.offset }) {
      guard entry.offset < dataEnd else {
        throw ArchiveError(.beyondData, path: file.path, entry: entry.name)
      }
      guard entry.offset >= previous.end else {
        throw ArchiveError(.overlap(with: previous.name), path: file.path, entry: entry.name)
      }
      let start = try Self.contentStart(of: entry, in: file)
      guard start <= dataEnd, entry.compressedSize <= dataEnd - start else {
        throw ArchiveError(.beyondData, path: file.path, entry: entry.name)
      }
      previous = (entry.name, start + entry.compressedSize)
      contents[entry.name] = EntryContent(of: entry, at: start)
    }
    return contents
  }

  /// Where an entry's content begins, after its header, which must say what the directory says.
  private static func contentStart(
    of entry: ZipEntry, in file: borrowing InputFile
  ) throws(ArchiveError) -> Int {
    let path = file.path
    func refuse(_ kind: ArchiveError.Kind) -> ArchiveError {
      ArchiveError(kind, path: path, entry: entry.name)
    }
    let fixed = Record(try file.read(at: entry.offset, count: 30)[...])
    guard fixed.uint32(at: 0) == 0x0403_4B50, let flags = fixed.uint16(at: 6),
      let method = fixed.uint16(at: 8), let checksum = fixed.uint32(at: 14),
      let compressed = fixed.uint32(at: 18), let size = fixed.uint32(at: 22),
      let nameLength = fixed.uint16(at: 26), let extraLength = fixed.uint16(at: 28)
    else { throw refuse(.damagedHeader(offset: entry.offset)) }
    let length = Int(nameLength) + Int(extraLength)
    let bytes = try file.read(at: entry.offset + 30, count: length)
    guard let name = Record(bytes[...]).slice(at: 0, count: Int(nameLength)),
      let extra = Record(bytes[...]).slice(at: name.count, count: Int(extraLength)),
      let sizes = LargeSizes(extra, fields: [size, compressed])
    else { throw refuse(.damagedHeader(offset: entry.offset)) }

    guard name.bytes.elementsEqual(entry.name.utf8) else { throw refuse(.headersDisagree(.name)) }
    guard flags == entry.flags else { throw refuse(.headersDisagree(.flags)) }
    guard method == entry.method.rawValue else { throw refuse(.headersDisagree(.method)) }
    // Bit 3: the numbers were not known yet, and follow the content.
    let follow = flags & 8 != 0
    if !(follow && checksum == 0), checksum != entry.checksum {
      throw refuse(.headersDisagree(.checksum))
    }
    if !(follow && sizes.values[0] == 0), sizes.values[0] != entry.size {
      throw refuse(.headersDisagree(.size))
    }
    if !(follow && sizes.values[1] == 0), sizes.values[1] != entry.compressedSize {
      throw refuse(.headersDisagree(.compressedSize))
    }
    return entry.offset + 30 + length
  }
}
