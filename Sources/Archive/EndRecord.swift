/// The end record of an archive: where its directory is.
struct EndRecord {
  let entryCount: Int
  let directorySize: Int
  let directoryOffset: Int

  init(of file: borrowing InputFile) throws(ArchiveError) {
    // The record has 22 bytes and a comment of at most 65,535; before it may stand the 20 bytes that
    // lead to its 64-bit form.
    let tail = min(file.size, 22 + 65_535 + 20)
    let bytes = try file.read(at: file.size - tail, count: tail)
    let record = Record(bytes[...])
    guard let position = Self.position(in: record), let disk = record.uint16(at: position + 4),
      let directoryDisk = record.uint16(at: position + 6),
      let countHere = record.uint16(at: position + 8), let count = record.uint16(at: position + 10),
      let size = record.uint32(at: position + 12), let offset = record.uint32(at: position + 16)
    else { throw ArchiveError(.notZip, path: file.path) }

    var end = file.size - tail + position
    if let locator = record.slice(at: position - 20, count: 20),
      locator.uint32(at: 0) == 0x0706_4B50
    {
      guard let start = locator.size(at: 8), start < end - 20 else {
        throw ArchiveError(.misplacedDirectory, path: file.path)
      }
      let large = Record(try file.read(at: start, count: 56)[...])
      guard large.uint32(at: 0) == 0x0606_4B50, let largeCount = large.size(at: 32),
        let largeSize = large.size(at: 40), let largeOffset = large.size(at: 48)
      else { throw ArchiveError(.damagedDirectory(offset: start), path: file.path) }
      guard large.uint32(at: 16) == 0, large.uint32(at: 20) == 0,
        large.size(at: 24) == largeCount
      else { throw ArchiveError(.multipleDisks, path: file.path) }
      (entryCount, directorySize, directoryOffset) = (largeCount, largeSize, largeOffset)
      end = start
    } else {
      guard disk == 0, directoryDisk == 0, countHere == count else {
        throw ArchiveError(.multipleDisks, path: file.path)
      }
      (entryCount, directorySize, directoryOffset) = (Int(count), Int(size), Int(offset))
    }
    let (directoryEnd, overflow) = directoryOffset.addingReportingOverflow(directorySize)
    guard !overflow, directoryEnd == end else {
      throw ArchiveError(.misplacedDirectory, path: file.path)
    }
  }

  /// The last signature whose comment ends with the file.
  private static func position(in tail: Record) -> Int? {
    var position = tail.count - 22
    while position >= 0 {
      if tail.uint32(at: position) == 0x0605_4B50,
        let comment = tail.uint16(at: position + 20), position + 22 + Int(comment) == tail.count
      {
        return position
      }
      position -= 1
    }
    return nil
  }
}
