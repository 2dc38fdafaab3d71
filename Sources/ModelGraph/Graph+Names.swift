/// What a model's inputs and outputs are called.
import KerasCheckpoint

extension Graph {
  /// The names of the inputs in their order: those of their layers, or the keys of an object of them.
  public var inputNames: [String] { names(inputs, key: "input_layers") }

  /// The names of the outputs in their order, in the same way. Where a layer gives several, `_1`, `_2`, …
  /// follow the first.
  public var outputNames: [String] { names(outputs, key: "output_layers") }

  private func names(_ ports: [Port], key: String) -> [String] {
    // Keras sorts the keys of an object.
    if let keys = self.ports[key]?.object?.keys.sorted(), keys.count == ports.count { return keys }
    var counts: [String: Int] = [:]
    return ports.map { port in
      let name = layers[nodes[port.node].layer].name
      let count = counts[name, default: 0]
      counts[name] = count + 1
      return count == 0 ? name : "\(name)_\(count)"
    }
  }
}
