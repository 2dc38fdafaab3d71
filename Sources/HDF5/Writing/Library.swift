internal import CHDF5
import Synchronization

/// The one door to libhdf5: every call of it is made here, one at a time. The first one loads it.
///
/// The library may be built without thread safety, so a lock stands before it. Its error stack
/// belongs to the thread, and printing it is what it does unless told otherwise; so the stack is
/// copied to strings before the lock is let go.
enum Library {
  private static let lock = Mutex(())

  /// Makes one call, all of whose kinds of result are negative when it failed.
  static func call<Result: SignedInteger>(
    _ operation: @autoclosure () -> String, _ body: () -> Result
  ) throws(WritingError) -> Result {
    let (result, stack) = try lock.withLock { _ throws(WritingError) -> (Result, [String]) in
      try load()
      _ = chdf5_H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
      let result = body()
      return (result, result < 0 ? errorStack() : [])
    }
    guard result >= 0 else {
      throw WritingError(.library(operation: operation(), stack: stack), object: "")
    }
    return result
  }

  /// Loads the library unless that is done.
  private static func load() throws(WritingError) {
    // SAFETY: the reason is a constant text.
    guard let reason = unsafe chdf5_load() else { return }
    throw WritingError(.noLibrary(reason: unsafe String(cString: reason)), object: "")
  }

  /// Finds out whether the library is there.
  static func check() throws(WritingError) {
    try lock.withLock { _ throws(WritingError) in try load() }
  }

  /// The calling thread's error stack, outermost call first, without repetitions.
  private static func errorStack() -> [String] {
    var messages: [String] = []
    // SAFETY: libhdf5 calls back before H5Ewalk2 returns, so `messages` outlives every use of its
    // address; the record and its strings are valid during the callback and copied in it.
    _ = unsafe withUnsafeMutablePointer(to: &messages) { messages in
      unsafe chdf5_H5Ewalk2(
        hid_t(H5E_DEFAULT), H5E_WALK_DOWNWARD,
        { _, record, target in
          guard let description = unsafe record?.pointee.desc, let target = unsafe target else {
            return 0
          }
          let message = unsafe String(cString: description)
          let messages = unsafe target.assumingMemoryBound(to: [String].self)
          if unsafe messages.pointee.last != message { unsafe messages.pointee.append(message) }
          return 0
        }, messages)
    }
    return messages
  }
}

/// An open identifier of libhdf5; the end of its life closes what it stands for.
struct Handle: ~Copyable {
  let id: hid_t

  /// Takes over the identifier that a call returns.
  init(_ operation: @autoclosure () -> String, _ open: () -> hid_t) throws(WritingError) {
    id = try Library.call(operation(), open)
  }

  deinit {
    // Every identifier is counted; taking the last count back closes a file, an object or a type
    // alike. A failure has nobody to go to here: what must not fail is flushed before.
    _ = try? Library.call("closing an object") { chdf5_H5Idec_ref(id) }
  }
}
