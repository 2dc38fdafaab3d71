/// A training step is faster than Keras's.
import Foundation
import Keratin
import TestSupport
import Testing

extension Acceptance {
  @Suite struct Speed {
    private struct Milliseconds: Decodable {
      let plain: Double
      let `default`: Double
    }

    private static let (short, long) = (10, 40)

    /// The notebook's model, 32 reviews of 200 tokens a step. The difference of a long and a short
    /// epoch leaves out what an epoch costs once. Keras has its better time of two, by the better of
    /// its two ways; Keratin's times are taken before and after Keras's, and the better one counts
    /// as well. What else runs here can slow either, so no more is asked than a ratio above 1.
    @Test(.withKeras, .withIMDB, .inRelease)
    func `a training step takes less time than in Keras`() throws {
      let (train, _) = try IMDB.loadData(
        path: Surroundings.imdb5k?.path ?? "", numWords: 10_000)
      let rows = Self.long * 32
      let x = try padSequences(train.x.prefix(rows), maxlen: 200)
      let y = train.y.firstRows(rows)
      let folder = try TemporaryFolder()
      try Data(x.npyBytes).write(to: folder.url("x.npy"))
      try Data(y.npyBytes).write(to: folder.url("y.npy"))

      let before = try milliseconds(x, y)
      let lines = try Python.run(
        "keratin_speed.py",
        [folder.path("x.npy"), folder.path("y.npy"), "\(Self.short)", "\(Self.long)"])
      let keras = try decoded(Milliseconds.self, #require(lines.first))
      let here = try min(before, milliseconds(x, y))
      let there = min(keras.plain, keras.default)
      measured(
        """
        a training step, 32 reviews of 200 tokens: Keratin \(here) ms; Keras 3.15.1 \
        \(keras.default) ms, without its compiler \(keras.plain) ms; ratio \(there / here)
        """)
      #expect(here > 0 && there / here > 1)
    }

    /// The time of a step, of two measurements the better.
    private func milliseconds(_ x: Tensor, _ y: Tensor) throws -> Double {
      let model = notebook(seed: 0)
      model.compile(optimizer: Adam(), loss: .binaryCrossentropy, metrics: [.acc])
      let clock = ContinuousClock()
      func seconds(_ steps: Int) throws -> Double {
        let x = Tensor([steps * 32, 200], Array(x.int32s.prefix(steps * 32 * 200)))
        let y = y.firstRows(steps * 32)
        let time = try clock.measure { try model.fit(x, y, verbose: .silent) }
        return time / .seconds(1)
      }
      _ = try seconds(2)
      return try (0..<2).map { _ in
        try (seconds(Self.long) - seconds(Self.short)) / Double(Self.long - Self.short) * 1000
      }.min() ?? .nan
    }
  }
}

extension Tensor {
  /// The elements of an int32 tensor.
  fileprivate var int32s: [Int32] {
    guard case .int32(let values) = scalars else { return [] }
    return values
  }
}
