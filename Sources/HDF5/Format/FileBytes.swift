/// The bytes of one file, read-only and immutable for as long as this object lives.
///
/// A large file is mapped privately, a small one is held in memory (`Limits.smallFile`). A mapped
/// file that another program shortens meanwhile raises SIGBUS at the next touch of the lost pages:
/// a hazard of every mapping, avoided by writers that rename a finished file into place, as ours do.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// SAFETY: sendable since the memory is written before the initialiser returns and never after, and
// is released only when the last reference goes.
@safe final class FileBytes: @unchecked Sendable {
  /// The path, or the name given to bytes in memory.
  let name: String
  let count: Int

  private let memory: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// Copies `bytes`.
  init(bytes: [UInt8], name: String) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    // SAFETY: `copy` has room for exactly `bytes.count` bytes, and this object owns it.
    unsafe copy.copyBytes(from: bytes)
    self.name = name
    self.count = bytes.count
    unsafe self.memory = UnsafeRawBufferPointer(copy)
    self.isMapped = false
  }

  init(path: String) throws {
    let location = HDF5Error.Location(file: path)
    // SAFETY: `path` is passed as a NUL-terminated copy that outlives the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.systemError(errno, at: location) }
    defer { close(descriptor) }

    var status = stat()
    // SAFETY: `status` lives throughout the call.
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw Self.systemError(errno, at: location)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw HDF5Error(.notARegularFile, at: location)
    }
    guard let size = Int(exactly: status.st_size), size > 0 else {
      throw HDF5Error(.empty, at: location)
    }

    if size < Limits.smallFile {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
      do {
        unsafe try Self.read(descriptor, into: buffer, at: location)
      } catch {
        unsafe buffer.deallocate()
        throw error
      }
      unsafe self.memory = UnsafeRawBufferPointer(buffer)
      self.isMapped = false
    } else {
      // SAFETY: a private read-only mapping of `size` bytes, which `fstat` has just counted; this
      // object owns it and unmaps it in `deinit`.
      let pointer = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let pointer = unsafe pointer, unsafe pointer != MAP_FAILED else {
        throw Self.systemError(errno, at: location)
      }
      unsafe self.memory = UnsafeRawBufferPointer(start: pointer, count: size)
      self.isMapped = true
    }
    self.name = path
    self.count = size
  }

  deinit {
    if isMapped {
      // SAFETY: the address and length are those that `mmap` gave; a failure could only leak.
      unsafe _ = munmap(UnsafeMutableRawPointer(mutating: memory.baseAddress), count)
    } else {
      // SAFETY: allocated by the initialiser, and nobody else frees it.
      unsafe memory.deallocate()
    }
  }

  /// Lends the bytes of `range` without copying.
  ///
  /// - Precondition: `range` lies within the file; `Cursor` checks what files declare.
  func withBytes<R>(_ range: Range<Int>, _ body: (RawSpan) throws -> R) rethrows -> R {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes outside the file")
    // SAFETY: the range was checked against the owned memory, which `self` keeps alive throughout.
    let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: memory[range]))
    return try withExtendedLifetime(self) { try body(span) }
  }

  /// Gives the memory of a range that was copied back: it counts as the process's as long as it is
  /// mapped, and comes back from the system's cache or the disk where it is read again.
  func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    guard isMapped, page > 0, range.count >= Limits.smallFile else { return }
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard start < end else { return }
    // SAFETY: whole pages within the mapping, which is private and never written, so that nothing is
    // lost and other readers see the same bytes; a failure could only keep the memory.
    unsafe _ = madvise(
      UnsafeMutableRawPointer(mutating: memory.baseAddress)?.advanced(by: start), end - start,
      MADV_DONTNEED)
  }

  /// The unsigned little-endian number of `size` bytes at `offset`.
  ///
  /// - Precondition: these lie within the file, and `size` is at most 8.
  func number(at offset: Int, size: Int) -> UInt64 {
    precondition(offset >= 0 && size <= 8 && offset <= count - size, "bytes outside the file")
    var value: UInt64 = 0
    for index in 0..<size {
      // SAFETY: `offset + index` lies within the owned memory by the precondition.
      value |= UInt64(unsafe memory[offset + index]) << UInt64(8 * index)
    }
    return value
  }

  /// Fills `buffer` from the start of the file.
  private static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at location: HDF5Error.Location
  ) throws {
    var filled = 0
    while filled < buffer.count {
      // SAFETY: writes at most the `buffer.count - filled` bytes that remain.
      let got = unsafe pread(
        descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, off_t(filled))
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw systemError(errno, at: location) }
      guard got > 0 else {
        throw HDF5Error(.truncated(expected: buffer.count, found: filled), at: location)
      }
      filled += got
    }
  }

  private static func systemError(_ code: Int32, at location: HDF5Error.Location) -> HDF5Error {
    // SAFETY: `strerror` gives a NUL-terminated string, copied at once.
    HDF5Error(.cannotOpen(reason: unsafe String(cString: strerror(code))), at: location)
  }
}

extension RawSpan {
  /// The byte at `offset`, checked against the bounds.
  subscript(byte offset: Int) -> UInt8 {
    // SAFETY: `unsafeLoad(fromByteOffset:)` checks the bounds, and any byte is a `UInt8`.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The little-endian 32-bit number at `offset`, checked against the bounds.
  subscript(word offset: Int) -> UInt32 {
    // SAFETY: `unsafeLoadUnaligned(fromByteOffset:)` checks the bounds; any bits are a `UInt32`.
    unsafe UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// A copy of all bytes.
  var array: [UInt8] {
    // SAFETY: the buffer is copied before the call returns.
    unsafe withUnsafeBytes { unsafe [UInt8]($0) }
  }
}
