/// What a training step allocates once training is under way.
///
///     allocations FOLDER BATCH
///
/// One line of JSON: the allocations and the bytes of a step, and the largest allocation, as means of
/// steps in the middle of one call of `fit`, so that nothing done once is counted.
import CAllocations
import Cases
import Foundation
import Keratin

/// Counts between two batches of an epoch.
final class Counter: Callback {
  static let (first, last) = (10, 50)
  private(set) var found = kb_allocations()

  func onTrainBatchEnd(_ batch: Int, _ logs: Logs, _ training: TrainingContext) {
    if batch == Self.first { _ = kb_take_allocations() }
    if batch == Self.last { found = kb_take_allocations() }
  }
}

do {
  let arguments = CommandLine.arguments
  guard arguments.count == 3, let batch = Int(arguments[2]) else {
    print(#"{"error": "usage: allocations FOLDER BATCH"}"#)
    exit(2)
  }
  let measured = try Case(folder: arguments[1])
  let (x, y) = measured.samples(batch * (Counter.last + 2))
  let counter = Counter()
  try measured.model.fit(x, y, batchSize: batch, callbacks: [counter], verbose: .silent)
  let steps = Int64(Counter.last - Counter.first)
  let found = counter.found
  print(
    """
    {"allocations": \(found.count / steps), "bytes": \(found.bytes / steps), \
    "largest": \(found.largest)}
    """)
} catch {
  print(#"{"error": "\#(error)"}"#)
  exit(1)
}
