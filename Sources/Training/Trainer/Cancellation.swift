/// How training is stopped from outside.
internal import Synchronization

/// A flag that another thread, or the handler of a signal, may raise. Training looks at it after each
/// batch and stops cleanly: callbacks are told that training ends, and nothing is left half done.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)

  public init() {}

  public func cancel() { flag.store(true, ordering: .relaxed) }

  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
