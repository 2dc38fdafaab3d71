/// The system calls that a durable file is made of, in Swift's types. Each returns a negative number
/// where it failed, and `lastError()` is the reason.
#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

typealias FileDescriptor = Int32

let missingCode = ENOENT
let interruptedCode = EINTR

func lastError() -> Int32 { errno }

func systemMessage(_ code: Int32) -> String {
  // SAFETY: the text of a known error is a constant, that of an unknown one the thread's own.
  guard let text = unsafe strerror(code) else { return "error \(code)" }
  return unsafe String(cString: text)
}

/// What matters of a file's `stat`.
struct FileFacts {
  enum Kind { case regular, directory, symbolicLink, other }
  let kind: Kind
  let permissions: mode_t
  let user: uid_t
  let group: gid_t
}

/// The facts of the file or link itself, or the reason why there are none.
func examineFile(_ path: String) -> (FileFacts?, Int32) {
  var facts = stat()
  // SAFETY: here and below, Swift holds the path's characters for the call.
  guard unsafe lstat(path, &facts) == 0 else { return (nil, errno) }
  let kind: FileFacts.Kind =
    switch facts.st_mode & S_IFMT {
    case S_IFREG: .regular
    case S_IFDIR: .directory
    case S_IFLNK: .symbolicLink
    default: .other
    }
  let permissions = facts.st_mode & 0o7777
  return (
    FileFacts(kind: kind, permissions: permissions, user: facts.st_uid, group: facts.st_gid), 0
  )
}

func readLink(_ path: String) -> String? {
  var buffer = [CChar](repeating: 0, count: 4096)
  // SAFETY: the system writes at most the length given, one less than the buffer's.
  let count = unsafe readlink(path, &buffer, buffer.count - 1)
  guard count > 0 else { return nil }
  return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Whether the process, with the rights it acts under, may write the file.
func mayWrite(_ path: String) -> Bool {
  unsafe faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0
}

/// Creates a file that must not exist yet.
func createFile(_ path: String, permissions: mode_t) -> FileDescriptor {
  unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions)
}

func openDirectory(_ path: String) -> FileDescriptor {
  unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
}

/// Writes some of the bytes and returns how many; at least one.
func writeFile(_ descriptor: FileDescriptor, _ bytes: RawSpan) -> Int {
  // SAFETY: the system reads `count` bytes of a span that outlives the call.
  let written = unsafe bytes.withUnsafeBytes {
    unsafe write(descriptor, $0.baseAddress, $0.count)
  }
  guard written != 0 else {
    errno = EIO
    return -1
  }
  return written
}

/// Returns when the disk itself, not only its driver, has the file.
func synchroniseFile(_ descriptor: FileDescriptor) -> Int32 {
  #if canImport(Darwin)
    // Darwin's fsync leaves the data in the disk's own cache. Some file systems know only fsync.
    if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
    guard errno == ENOTSUP || errno == EINVAL else { return -1 }
  #endif
  return fsync(descriptor)
}

/// As ``synchroniseFile(_:)``; a file system that keeps directories otherwise may say so.
func synchroniseDirectory(_ descriptor: FileDescriptor) -> Int32 {
  let result = synchroniseFile(descriptor)
  return result < 0 && (errno == EINVAL || errno == ENOTSUP) ? 0 : result
}

/// Closes; interrupted or not, the descriptor is gone.
func closeFile(_ descriptor: FileDescriptor) -> Int32 {
  let result = close(descriptor)
  return result < 0 && errno == EINTR ? 0 : result
}

func changePermissions(_ descriptor: FileDescriptor, _ permissions: mode_t) -> Int32 {
  fchmod(descriptor, permissions)
}

func changeOwner(_ descriptor: FileDescriptor, user: uid_t, group: gid_t) -> Int32 {
  fchown(descriptor, user, group)
}

func lockFile(_ descriptor: FileDescriptor) -> Int32 { flock(descriptor, LOCK_EX | LOCK_NB) }

func renameFile(_ old: String, _ new: String) -> Int32 { unsafe rename(old, new) }

func linkFile(_ old: String, _ new: String) -> Int32 { unsafe link(old, new) }

func removeFile(_ path: String) -> Int32 { unsafe unlink(path) }

func ownProcess() -> Int32 { getpid() }

/// Whether a process of this number exists, another user's included.
func isRunning(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno != ESRCH }

/// Removes a file whose owner does not hold the lock that every temporary has while it is written.
func removeUnlessLocked(_ path: String) {
  let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  defer { _ = close(descriptor) }
  if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { return }
  _ = unsafe unlink(path)
}

func entries(of directory: String) -> [String] {
  (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
}
