/// What became of the weights of a file.

/// How layers of a file find those of a model.
public enum WeightMatching: String, Sendable, CaseIterable {
  /// The layers with weights in their order, as `load_weights` of Keras does it.
  case byPosition
  /// Layers of the same name; all others stay as they are, as with Keras's `by_name=True`.
  case byName
}

/// Which layers got weights from where, which got none, and what was left of the file.
public struct WeightsReport: Sendable {
  public let matching: WeightMatching
  /// The layers that have new weights, in the order of the model.
  public internal(set) var loaded: [Match] = []
  /// Layers whose weights in the file do not fit them, and why; they are as before.
  public internal(set) var mismatched: [Mismatch] = []
  /// Layers with weights for which the file has none.
  public internal(set) var untouched: [String] = []
  /// Layers of the file with weights that the model has no place for.
  public internal(set) var unused: [String] = []
  /// What is to be known beyond that, a sentence each: weights in another order than expected, and what
  /// the file does not say.
  public package(set) var notes: [String] = []

  /// A layer that got its weights.
  public struct Match: Sendable, Hashable {
    public let layer: String
    /// The name of the layer in the file.
    public let stored: String
    /// How many arrays it has.
    public let weights: Int
    /// Whether the file has them in the layout of an older Keras.
    public let isConverted: Bool
  }

  /// A layer that was passed over.
  public struct Mismatch: Sendable {
    public let layer: String
    public let stored: String
    public let reason: ModelGraphError
  }

  init(_ matching: WeightMatching) { self.matching = matching }

  /// Whether every layer with weights has new ones, nothing of the file is left, and nothing is doubtful.
  public var isComplete: Bool {
    mismatched.isEmpty && untouched.isEmpty && unused.isEmpty && notes.isEmpty
  }
}

extension WeightsReport: CustomStringConvertible {
  public var description: String {
    let total = loaded.count + mismatched.count + untouched.count
    let converted = loaded.count { $0.isConverted }
    var lines = [
      "Loaded \(loaded.reduce(0) { $0 + $1.weights }) weights of \(loaded.count) of \(total) "
        + "layers \(matching == .byName ? "by name" : "by position")"
        + (converted == 0 ? "." : ", \(converted) from the layout of an older Keras.")
    ]
    let renamed = loaded.filter { $0.layer != $0.stored }
    if !renamed.isEmpty {
      lines.append("Under other names in the file:")
      lines += renamed.map { "  \($0.layer) from \($0.stored)" }
    }
    if !mismatched.isEmpty {
      lines.append("Passed over, since they do not fit:")
      lines += mismatched.map { "  \($0.layer) from \($0.stored): \($0.reason)" }
    }
    if !untouched.isEmpty {
      lines.append("Not in the file, as before: \(untouched.joined(separator: ", "))")
    }
    if !unused.isEmpty { lines.append("Not in the model: \(unused.joined(separator: ", "))") }
    return (lines + notes.map { "Note: \($0)" }).joined(separator: "\n")
  }
}
