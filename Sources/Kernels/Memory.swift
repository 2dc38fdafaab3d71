/// The memory that sessions compute in.
internal import CKernels

/// Owned, aligned memory for 4-byte elements (float32 or int32), zero at first.
@safe package final class Memory {
  private let base: UnsafeMutableRawPointer

  /// The number of elements.
  package let count: Int

  /// A cache line, which is also the widest vector register.
  package static let alignment = 64

  package init(count: Int) {
    precondition(count >= 0, "memory of a negative size")
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: 4)
    precondition(!overflow, "memory larger than the address space")
    // SAFETY: `base` is `bytes` long, all zero, and freed only in `deinit`.
    guard let base = unsafe kt_allocate(bytes, Self.alignment) else {
      fatalError("no memory left for \(bytes) bytes")
    }
    unsafe self.base = base
    self.count = count
  }

  deinit { unsafe kt_release(base, max(count, 1) * 4) }

  /// The elements of `range`. The buffer must not be used after this memory is gone; a session keeps
  /// both together.
  ///
  /// - Precondition: `range` lies within the memory.
  package func buffer(_ range: Range<Int>) -> Buffer {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a buffer outside its memory")
    // SAFETY: the range was checked against this memory's bounds.
    return unsafe Buffer(base: base.advanced(by: range.lowerBound * 4), count: range.count)
  }
}
