/// Ctrl-C.
import Dispatch
public import Training

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Lets Ctrl-C stop training after the batch at hand instead of killing the process; a second Ctrl-C
/// kills it.
///
///     let interruption = Interruption()
///     try model.fit(x, y, cancellation: interruption.cancellation)
public final class Interruption {
  public let cancellation = Cancellation()
  private let source: any DispatchSourceSignal

  public init() {
    let cancellation = cancellation
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      cancellation.cancel()
      _ = signal(SIGINT, SIG_DFL)
    }
    // The source sees the signal also where the process ignores it.
    _ = signal(SIGINT, SIG_IGN)
    source.activate()
  }

  deinit {
    source.cancel()
    _ = signal(SIGINT, SIG_DFL)
  }
}
