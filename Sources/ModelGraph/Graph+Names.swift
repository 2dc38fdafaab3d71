/// What a model's inputs and outputs are called.

extension Graph {
  /// The names of the inputs in their order: those of their layers.
  public var inputNames: [String] { names(inputs) }

  /// The names of the outputs in their order: those of their layers. Where a layer gives several, `_1`, `_2`, …
  /// follow the first.
  public var outputNames: [String] { names(outputs) }

  private func names(_ ports: [Port]) -> [String] {
    var counts: [String: Int] = [:]
    return ports.map { port in
      let name = layers[nodes[port.node].layer].name
      let count = counts[name, default: 0]
      counts[name] = count + 1
      return count == 0 ? name : "\(name)_\(count)"
    }
  }
}
