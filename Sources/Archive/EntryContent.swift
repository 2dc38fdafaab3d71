/// The content of an entry, by zlib. Read piece by piece, so that beside the content itself only a
/// piece of what the archive holds is in memory.
internal import CZlib

/// Reads one entry, whose sizes and place the directory has made sure of.
struct EntryContent {
  private let entry: ZipEntry
  /// Where the content begins in the file.
  private let start: Int

  /// The bytes of the archive that are read at once.
  private static let piece = 1 << 16

  init(of entry: ZipEntry, at start: Int) {
    self.entry = entry
    self.start = start
  }

  /// - Throws: where the content has another size or CRC-32 than is declared.
  func read(from file: borrowing InputFile) throws(ArchiveError) -> [UInt8] {
    let content =
      switch entry.method {
      case .stored: try file.read(at: start, count: entry.size)
      case .deflated: try inflate(file)
      }
    guard content.count == entry.size else {
      throw refusal(file, .wrongSize(expected: entry.size, found: content.count))
    }
    // SAFETY: zlib reads the bytes of an array that outlives the call.
    let checksum = unsafe content.withUnsafeBufferPointer {
      unsafe crc32_z(0, $0.baseAddress, $0.count)
    }
    // Of no bytes at all zlib gives the CRC-32 that it would begin with, which is theirs.
    guard UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
      throw refusal(file, .wrongChecksum)
    }
    return content
  }

  /// At most one byte more than declared, however much the stream would give.
  private func inflate(_ file: borrowing InputFile) throws(ArchiveError) -> [UInt8] {
    var failure: ArchiveError?
    // One byte more has room, to tell a longer stream by.
    let content = unsafe [UInt8](unsafeUninitializedCapacity: entry.size + 1) { target, count in
      do throws(ArchiveError) {
        count = try unsafe inflate(file, into: target)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return content
  }

  private func inflate(
    _ file: borrowing InputFile, into target: UnsafeMutableBufferPointer<UInt8>
  ) throws(ArchiveError) -> Int {
    // Without zlib's own header and checksum, as zip archives have it.
    var stream = unsafe z_stream()
    // SAFETY: zlib keeps the stream's address only until `inflateEnd`, and the stream stays here.
    var code = unsafe inflateInit2_(
      &stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw refusal(file, .inflate(reason: "zlib does not start")) }
    defer { unsafe inflateEnd(&stream) }
    var (consumed, produced) = (0, 0)
    while code != Z_STREAM_END {
      var input = try file.read(
        at: start + consumed, count: min(Self.piece, entry.compressedSize - consumed))
      guard !input.isEmpty else {
        throw refusal(file, .inflate(reason: "it ends in the middle"))
      }
      guard produced < target.count else {
        throw refusal(file, .wrongSize(expected: entry.size, found: produced))
      }
      // SAFETY: zlib reads the `avail_in` bytes of the piece and writes at most `avail_out` behind the
      // `produced` that are in the target; neither is touched by others during the call.
      unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        let room = min(target.count - produced, Int(Int32.max))
        unsafe stream.next_out = target.baseAddress.map { unsafe $0 + produced }
        unsafe stream.avail_out = UInt32(room)
        code = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
        consumed += unsafe input.count - Int(stream.avail_in)
        produced += unsafe room - Int(stream.avail_out)
      }
      guard code == Z_OK || code == Z_STREAM_END else {
        // SAFETY: the message is a constant of zlib's.
        let reason = unsafe stream.msg.map { unsafe String(cString: $0) } ?? "zlib error \(code)"
        throw refusal(file, .inflate(reason: reason))
      }
    }
    guard consumed == entry.compressedSize else {
      throw refusal(file, .inflate(reason: "it ends before its bytes do"))
    }
    return produced
  }

  private func refusal(
    _ file: borrowing InputFile, _ kind: ArchiveError.Kind
  ) -> ArchiveError {
    ArchiveError(kind, path: file.path, entry: entry.name)
  }
}
