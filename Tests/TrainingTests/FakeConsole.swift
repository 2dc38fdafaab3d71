/// What stands in for the terminal, the clock and the model of a training.
import Tensors
import Training

/// Keeps what is printed.
final class FakeConsole: Console {
  let isTerminal: Bool
  private(set) var text = ""
  private(set) var warnings: [String] = []
  var isAtLineStart: Bool { text.isEmpty || text.hasSuffix("\n") }

  init(isTerminal: Bool = false) { self.isTerminal = isTerminal }

  func write(_ text: String) { self.text += text }
  func warn(_ text: String) { warnings.append(text) }

  /// The lines as a reader sees them in the end.
  var lines: [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.split(separator: "\r", omittingEmptySubsequences: true).last ?? "").visible
    }
  }
}

extension String {
  /// The text without the terminal's control sequences.
  var visible: String { replacing(/\u{1B}\[\??[0-9;]*[A-Za-z]/, with: "") }
}

/// Counts and remembers.
final class FakeModel: TrainableModel {
  var saved: [String] = []
  var savedWeights: [String] = []
  var weights = [Tensor([1], [0 as Float])]
  var learningRate = 0.1

  func save(to path: String) { saved.append(path) }
  func saveWeights(to path: String) { savedWeights.append(path) }
  func restore(from path: String) {}
  func setWeights(_ weights: [Tensor]) { self.weights = weights }
}

extension TrainingContext {
  static func fake(
    model: FakeModel = FakeModel(), epochs: Int = 10, steps: Int = 4, metrics: [Metric] = [.acc],
    console: FakeConsole = FakeConsole(), clock: @escaping () -> Double = { 0 }
  ) -> TrainingContext {
    TrainingContext(
      model: model, epochs: epochs, steps: steps, metrics: metrics, console: console, clock: clock)
  }
}
