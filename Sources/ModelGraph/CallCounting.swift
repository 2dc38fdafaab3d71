/// From which number a configuration counts the calls of a layer.
import KerasCheckpoint

/// The calls of a layer are counted from 0. Those of a model inside the model are not: Keras 2 counts the
/// one with which a model is made, if it was made with its input, and so comes to 1. Keras 3 counts it for
/// Functional models alone, and there only where the outer model says its inputs and outputs.
struct CallCounting {
  /// The number of the first call of each layer: in calls, and in `input_layers` and `output_layers`.
  private var first: [Int]
  private var firstAtEnds: [Int]

  /// - Parameters:
  ///   - entries: the layers as they are stored.
  ///   - references: what calls take.
  ///   - ends: the model's inputs and outputs.
  init(
    _ entries: [LayerEntry], references: [TensorReference], ends: [TensorReference], isKeras3: Bool
  ) {
    first = .init(repeating: 0, count: entries.count)
    firstAtEnds = first
    let numbers = Dictionary(grouping: references + ends, by: \.layer).mapValues {
      $0.map(\.call)
    }
    for (place, entry) in entries.enumerated() where entry.isModel {
      let isFunctional = entry.className != "Sequential"
      if isKeras3 {
        firstAtEnds[place] = isFunctional ? 1 : 0
        continue
      }
      let usual = isFunctional || entry.beginsWithInput ? 1 : 0
      let calls = entry.json["inbound_nodes"]?.array?.count ?? 0
      func fits(_ first: Int) -> Bool {
        (numbers[entry.name] ?? []).allSatisfy { (first..<first + calls).contains($0) }
      }
      first[place] = fits(usual) || !fits(1 - usual) ? usual : 1 - usual
      firstAtEnds[place] = first[place]
    }
  }

  func first(_ layer: Int, isEnd: Bool) -> Int { isEnd ? firstAtEnds[layer] : first[layer] }
}

extension LayerEntry {
  /// Whether a Sequential model was made with the shape of its input; bare lists of layers are of versions
  /// that knew no other.
  fileprivate var beginsWithInput: Bool {
    let settings = json["config"]
    return settings?.array != nil || settings?["layers"]?[0]?["class_name"] == "InputLayer"
  }
}
