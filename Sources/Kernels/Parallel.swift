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
    let job = Job(count: count, units: units, parts: parts, multiple: multiple) { range, _ in
      body(range)
    }
    run(job, threads: threads)
  }
}

/// The same for work that is long, where a thread that is done early takes from what is left: `body`
/// is called for some ranges for each thread, and gets the number of the thread that does it, which is
/// below `threads` and stands for working memory of its own.
package func parallelByTurns(
  _ count: Int, threads: Int, multiple: Int = 1, _ body: @Sendable (Range<Int>, Int) -> Void
) {
  let units = (count + multiple - 1) / multiple
  let turns = 4
  let parts = threads > 1 ? min(threads * turns, units) : min(1, units)
  withoutActuallyEscaping(body) { body in
    run(
      Job(count: count, units: units, parts: parts, multiple: multiple, body: body),
      threads: threads)
  }
}

/// Runs rounds that wait for one another: `share` for each of `parts` parts, by as many threads, then
/// `whole` in the calling thread, and so on. A round that takes less than a microsecond is not worth it.
///
/// - Precondition: there are at most 16 parts.
package func parallelRounds(
  _ count: Int, parts: Int, share: @Sendable (_ round: Int, _ part: Int) -> Void,
  whole: (_ round: Int) -> Void
) {
  precondition(parts <= 16, "\(parts) parts of a round")
  withoutActuallyEscaping(share) { share in
    withoutActuallyEscaping(whole) { whole in
      var rounds = Rounds(share: share, whole: whole)
      // SAFETY: `rounds` outlives the call, which returns when every round is done; threads only read it.
      unsafe withUnsafeMutablePointer(to: &rounds) { rounds in
        unsafe kt_rounds(
          count, parts,
          { context, round, part in
            unsafe context?.assumingMemoryBound(to: Rounds.self).pointee.share(round, part)
          },
          { context, round in
            unsafe context?.assumingMemoryBound(to: Rounds.self).pointee.whole(round)
          }, rounds)
      }
    }
  }
}

private struct Rounds {
  let share: @Sendable (Int, Int) -> Void
  let whole: (Int) -> Void
}

/// What the threads share in one call.
private struct Job {
  let count: Int
  let units: Int
  let parts: Int
  let multiple: Int
  let body: @Sendable (Range<Int>, Int) -> Void

  func run(_ part: Int, thread: Int) {
    let lower = units * part / parts * multiple
    let upper = min(units * (part + 1) / parts * multiple, count)
    body(lower..<upper, thread)
  }
}

private func run(_ job: Job, threads: Int) {
  var job = job
  // SAFETY: `job` outlives the call, which returns when every part is done; threads only read it.
  unsafe withUnsafeMutablePointer(to: &job) { job in
    unsafe kt_parallel(
      job.pointee.parts, threads,
      { context, part, thread in
        unsafe context?.assumingMemoryBound(to: Job.self).pointee.run(part, thread: thread)
      }, job)
  }
}

/// Runs `body` with numbers below the least normal one (1.2e-38) taken for zero, in all threads.
package func withoutDenormals<E: Error>(_ body: () throws(E) -> Void) throws(E) {
  let before = kt_flush_denormals()
  defer { kt_restore_denormals(before) }
  try body()
}
