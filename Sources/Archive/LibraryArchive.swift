internal import CZip

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An archive opened by libzip. It is not safe for threads at once, so its owner holds a lock.
// SAFETY: the pointer is private, valid from `init` to `deinit`, and goes nowhere else. libzip keeps
// nothing per thread, so the value may be sent.
@safe struct LibraryArchive: ~Copyable, @unchecked Sendable {
  private let archive: OpaquePointer
  private let path: String

  init(_ file: borrowing InputFile) throws(ArchiveError) {
    // libzip closes the descriptor it is given when it succeeds.
    let descriptor = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0 else { throw ArchiveError(.cannotOpen(code: errno), path: file.path) }
    var code: Int32 = 0
    // SAFETY: the code is written during the call.
    guard let archive = unsafe zip_fdopen(descriptor, 0, &code) else {
      close(descriptor)
      // SAFETY: the error is initialised, used and finished here; its text is copied before that.
      var error = unsafe zip_error_t()
      unsafe zip_error_init_with_code(&error, code)
      defer { unsafe zip_error_fini(&error) }
      let message = unsafe String(cString: zip_error_strerror(&error))
      throw ArchiveError(.library(message), path: file.path)
    }
    unsafe self.archive = unsafe archive
    path = file.path
  }

  // Discarded, not closed: closing would write changes, of which there are none.
  deinit { unsafe zip_discard(archive) }

  /// Sees that libzip reads the same directory as was checked.
  func check(_ entries: [ZipEntry]) throws(ArchiveError) {
    guard unsafe zip_get_num_entries(archive, 0) == entries.count else {
      throw ArchiveError(.library("it counts other entries"), path: path)
    }
    for (position, entry) in entries.enumerated() {
      // SAFETY: libzip fills the structure; the name in it lives as long as the archive.
      var facts = unsafe zip_stat_t()
      let result = unsafe zip_stat_index(
        archive, UInt64(position), zip_flags_t(ZIP_FL_ENC_RAW), &facts)
      guard result == 0, let name = unsafe facts.name else { throw refusal(of: entry) }
      guard unsafe String(cString: name) == entry.name, unsafe facts.size == UInt64(entry.size),
        unsafe facts.comp_size == UInt64(entry.compressedSize),
        unsafe facts.crc == entry.checksum,
        unsafe facts.comp_method == entry.method.rawValue
      else {
        throw ArchiveError(.library("it reads another directory"), path: path, entry: entry.name)
      }
    }
  }

  /// The content of the entry at a position of the directory.
  func contents(of entry: ZipEntry, at position: Int) throws -> [UInt8] {
    guard let stream = unsafe zip_fopen_index(archive, UInt64(position), 0) else {
      throw refusal(of: entry)
    }
    defer { unsafe zip_fclose(stream) }
    let content = try unsafe [UInt8](unsafeUninitializedCapacity: entry.size) { buffer, count in
      count = 0
      while count < entry.size {
        // SAFETY: libzip writes at most the bytes that the buffer has left.
        let result = unsafe zip_fread(
          stream, buffer.baseAddress.map { unsafe $0 + count }, UInt64(entry.size - count))
        guard result >= 0 else { throw unsafe failure(of: entry, stream) }
        guard result > 0 else {
          throw ArchiveError(
            .wrongSize(expected: entry.size, found: count), path: path, entry: entry.name)
        }
        count += Int(result)
      }
    }
    // The end must follow; reaching it is what makes libzip compare the checksum.
    var more: UInt8 = 0
    let result = unsafe zip_fread(stream, &more, 1)
    guard result >= 0 else { throw unsafe failure(of: entry, stream) }
    guard result == 0 else {
      throw ArchiveError(
        .wrongSize(expected: entry.size, found: entry.size + 1), path: path, entry: entry.name)
    }
    return content
  }

  private func refusal(of entry: ZipEntry) -> ArchiveError {
    // SAFETY: the text belongs to the archive and is copied at once.
    let message = unsafe String(cString: zip_strerror(archive))
    return ArchiveError(.library(message), path: path, entry: entry.name)
  }

  private func failure(of entry: ZipEntry, _ stream: OpaquePointer) -> ArchiveError {
    // SAFETY: the error and its text belong to the open stream; the text is copied at once.
    let error = unsafe zip_file_get_error(stream)
    if unsafe zip_error_code_zip(error) == ZIP_ER_CRC {
      return ArchiveError(.wrongChecksum, path: path, entry: entry.name)
    }
    let message = unsafe String(cString: zip_error_strerror(error))
    return ArchiveError(.library(message), path: path, entry: entry.name)
  }
}
