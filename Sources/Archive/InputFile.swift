#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A regular file, open for reading at any offset.
struct InputFile: ~Copyable {
  let path: String
  let descriptor: Int32
  let size: Int

  init(_ path: String) throws(ArchiveError) {
    // Not blocking: the opening of a pipe would wait for its writer.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ArchiveError(.cannotOpen(code: errno), path: path) }
    var facts = stat()
    // SAFETY: the system fills the structure that Swift holds for the call.
    guard unsafe fstat(descriptor, &facts) == 0 else {
      let code = errno
      close(descriptor)
      throw ArchiveError(.cannotRead(code: code), path: path)
    }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ArchiveError(.notRegularFile, path: path)
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(facts.st_size)
  }

  deinit { close(descriptor) }

  /// At most `count` bytes from an offset: fewer where the file ends.
  func read(at offset: Int, count: Int) throws(ArchiveError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: max(0, min(count, size - offset)))
    var done = 0
    while done < bytes.count {
      let rest = bytes.count - done
      // SAFETY: the system writes at most `rest` bytes behind the `done` that are there.
      let result = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(
          descriptor, $0.baseAddress.map { unsafe $0 + done }, rest, off_t(offset + done))
      }
      if result < 0, errno == EINTR { continue }
      guard result >= 0 else { throw ArchiveError(.cannotRead(code: errno), path: path) }
      if result == 0 { break }
      done += result
    }
    bytes.removeLast(bytes.count - done)
    return bytes
  }
}
