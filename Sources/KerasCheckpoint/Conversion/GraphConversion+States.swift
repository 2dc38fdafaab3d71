/// The initial states of recurrent layers.
///
/// Keras 2 passes them among the inputs, `[["x", 0, 0, {}], ["h", 0, 0, {}]]`, Keras 3 by name,
/// `{"args": [x], "kwargs": {"initial_state": [h]}}`; those of a cell in a stack that has several are a list
/// of their own. There is no form that both read.
extension GraphConversion {
  /// Whether inputs behind the first are states.
  static func takesStates(_ layer: JSON) -> Bool {
    let classes: Set = [
      "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "RNN", "SimpleRNN",
    ]
    return layer["class_name"]?.string.map(classes.contains) ?? false
  }

  /// The elements of an argument that is one tensor, or a list of them and of lists; nil where `tensor` finds
  /// another thing.
  static func tensors<Tensor>(
    in value: JSON, depth: Int = 2, _ tensor: (JSON) -> Tensor?
  ) -> [Tensor]? {
    if let found = tensor(value) { return [found] }
    guard depth > 0, let list = value.array else { return nil }
    var all: [Tensor] = []
    for element in list {
      guard let found = tensors(in: element, depth: depth - 1, tensor) else { return nil }
      all += found
    }
    return all
  }

  /// States as Keras takes them: where a cell of a stack has several, in a list of their own.
  static func grouped(_ states: [JSON], of layer: JSON) -> [JSON] {
    let inner = layer["class_name"] == "Bidirectional" ? layer["config"]?["layer"] : layer
    guard let cells = inner?["config"]?["cell"]?["config"]?["cells"]?.array, !cells.isEmpty else {
      return states
    }
    var rest = states[...]
    var groups: [JSON] = []
    // A Bidirectional has two stacks.
    while !rest.isEmpty {
      for cell in cells {
        let count = cell["class_name"] == "LSTMCell" ? 2 : 1
        let group = Array(rest.prefix(count))
        groups.append(count == 1 ? group.first ?? .null : .array(group))
        rest = rest.dropFirst(count)
      }
    }
    return groups
  }
}
