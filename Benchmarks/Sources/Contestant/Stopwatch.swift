/// How the time of a sample is measured.
import Cases
import Keratin

/// Times calls of `fit`, `evaluate` and `predict`.
///
/// The time is that of a long run less that of a short one, both after a run that builds every plan
/// they need. What a call costs once is thereby left out, here as at the peers.
struct Stopwatch {
  let measured: Case
  /// The mean square of the last predictions, by which it is seen that contestants predict the same.
  private(set) var meanSquare: Double?
  private var warm: Set<[String]> = []

  init(_ measured: Case) { self.measured = measured }

  /// The seconds that a sample costs.
  mutating func secondsPerSample(_ request: Request) throws -> Double {
    // The last batch of either run is as short as that of the other. Half of all batches are planned as all
    // are, while for a few batches less is prepared.
    let (batch, rest) = (request.batch, request.count % request.batch)
    let few = request.mode == .train ? 2 : max(2, request.count / batch / 2)
    let short = min(batch * few + rest, request.count)
    let key = [request.mode.rawValue, "\(batch)", "\(short)"]
    if warm.insert(key).inserted { _ = try seconds(request, short) }
    let once = short < request.count ? try seconds(request, short) : 0
    let seconds = try seconds(request, request.count)
    return (seconds - once) / Double(request.count - (once > 0 ? short : 0))
  }

  private mutating func seconds(_ request: Request, _ count: Int) throws -> Double {
    let (model, batch) = (measured.model, request.batch)
    let (x, y) = measured.samples(count)
    var predictions: Tensor?
    let time = try ContinuousClock().measure {
      switch request.mode {
      case .train, .checksum: try model.fit(x, y, batchSize: batch, verbose: .silent)
      case .evaluate: _ = try model.evaluate(x, y, batchSize: batch, verbose: .silent)
      case .predict: predictions = try model.predict(x, batchSize: batch)
      }
    }
    meanSquare = predictions.map { predictions in
      predictions.scalars.floats.reduce(0) { $0 + Double($1) * Double($1) }
        / Double(predictions.count)
    }
    return time / .seconds(1)
  }
}
