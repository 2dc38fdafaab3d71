/// How a kernel shares its work out over threads.
internal import CKernels

/// Runs `body` over `0 ..< count` cut into at most `threads` ranges of equal length, one for each
/// thread, and returns when all are done. The cut depends on `count`, `threads` and `multiple`
/// alone, so results that depend on it are the same in every run.
///
/// - Parameter multiple: range bounds fall on multiples of this, such as a vector's width.
package func parallel(
  _ count: Int, threads: Int, multiple: Int = 1, _ body: @Sendable (Range<Int>) -> Void
) {
  let units = (count + multiple - 1) / multiple
  let parts = min(threads, units)
  guard parts > 1 else {
    if count > 0 { body(0..<count) }
    return
  }
  withoutActuallyEscaping(body) { body in
    var job = Job(count: count, units: units, parts: parts, multiple: multiple, body: body)
    // SAFETY: `job` outlives the call, which returns when every part is done; threads only read it.
    unsafe withUnsafeMutablePointer(to: &job) { job in
      unsafe kt_parallel(
        parts,
        { context, part in unsafe context?.assumingMemoryBound(to: Job.self).pointee.run(part) },
        job)
    }
  }
}

/// What the threads share in one call of `parallel`.
private struct Job {
  let count: Int
  let units: Int
  let parts: Int
  let multiple: Int
  let body: @Sendable (Range<Int>) -> Void

  func run(_ part: Int) {
    let lower = units * part / parts * multiple
    let upper = min(units * (part + 1) / parts * multiple, count)
    body(lower..<upper)
  }
}
