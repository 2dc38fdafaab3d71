/// Rewrites how the layers of a functional model are joined.
///
/// Keras 2 lists the inputs of each call, `[["a", 0, 0, {}], ["b", 0, 0, {}]]`: layer, call, output
/// and arguments. Keras 3 writes the call itself, `{"args": […], "kwargs": {…}}`, with tensors as
/// objects, and reads the lists too as long as no argument among them is a tensor. So lists are what
/// both read.
///
/// A model inside a model is counted from another call in each generation. In Keras 2 its first call
/// is 1 where it begins with an InputLayer, else 0. In Keras 3 it is 0, but 1 for a functional model
/// among the outputs.
struct GraphConversion {
  private let readers: Readers
  private let nodes: [JSON]
  private let isKeras3Form: Bool
  private let classes: [String: String]
  private let beginsWithInput: Set<String>

  /// - Parameter layers: the layers, each converted already.
  init(readers: Readers, layers: [JSON], of config: JSON) {
    self.readers = readers
    nodes = layers
    isKeras3Form = layers.contains { layer in
      layer["inbound_nodes"]?.array?.contains { $0.object != nil } == true
    }
    var classes: [String: String] = [:]
    var beginsWithInput: Set<String> = []
    for layer in layers {
      guard let name = layer["name"]?.string else { continue }
      classes[name] = layer["class_name"]?.string
      if layer["config"]?["layers"]?[0]?["class_name"] == "InputLayer" {
        beginsWithInput.insert(name)
      }
    }
    self.classes = classes
    self.beginsWithInput = beginsWithInput
  }

  /// The layers, joined as the readers expect.
  func layers() throws(CheckpointError) -> [JSON] {
    var converted: [JSON] = []
    for var layer in nodes {
      let name = layer["name"]?.string ?? ""
      if readers == .both, beginsWithInput.contains(name) { layer = try withoutInput(layer) }
      if let calls = layer["inbound_nodes"]?.array {
        var lists: [JSON] = []
        for call in calls { lists.append(try self.call(call, of: layer)) }
        if readers == .keras2, layer["class_name"] == "MultiHeadAttention", let call = calls.first {
          addShapes(of: call, to: &layer)
        }
        layer["inbound_nodes"] = .array(lists)
      }
      converted.append(layer)
    }
    return readers == .keras3 ? converted : try withoutMasks(converted)
  }

  /// `input_layers` or `output_layers`. One alone stands without a list around it in Keras 3, where
  /// a list would make the model take and give lists.
  func ends(_ ends: JSON?) -> JSON? {
    guard let ends, let list = ends.array else { return ends }
    if let reference = reference(ends, isEnd: true) { return reference }
    let converted = list.map { self.reference($0, isEnd: true) ?? $0 }
    return readers != .keras2 && converted.count == 1 && !isKeras3Form
      ? converted[0] : .array(converted)
  }

  /// A reference `[layer, call, output]` counted as the readers count; nil where it is none.
  private func reference(_ value: JSON, isEnd: Bool = false) -> JSON? {
    guard let parts = value.array, parts.count == 3, let name = parts[0].string,
      let call = parts[1].int
    else { return nil }
    let isFunctional = ["Functional", "Model"].contains(classes[name])
    let keras2 = beginsWithInput.contains(name) ? 1 : 0
    let keras3 = isEnd && isFunctional ? 1 : 0
    let from = isKeras3Form ? keras3 : min(keras2, call)
    let to =
      switch readers {
      case .keras2: keras2
      case .keras3: keras3
      case .both: 0
      }
    return [parts[0], .int(call - from + to), parts[2]]
  }

  /// One call of a layer.
  private func call(_ call: JSON, of layer: JSON) throws(CheckpointError) -> JSON {
    if call.object != nil { return readers == .keras3 ? call : try list(call, of: layer) }
    guard let inputs = call.array else { return call }
    var hasTensorArgument = false
    var states: [JSON] = []
    var converted: [JSON] = inputs.map { input in
      guard let parts = input.array, parts.count >= 3,
        let reference = reference(.array(Array(parts.prefix(3)))), let head = reference.array
      else { return input }
      var arguments = (parts.count > 3 ? parts[3].object : nil) ?? [:]
      if Self.takesStates(layer), let value = arguments["initial_state"],
        let found = Self.tensors(in: value, { self.reference($0) })
      {
        states += found
        arguments["initial_state"] = nil
      }
      let renumbered = arguments.mapValues { self.reference($0) ?? $0 }
      hasTensorArgument =
        hasTensorArgument || arguments.values.contains { self.reference($0) != nil }
      return .array(head + [.object(renumbered)])
    }
    converted += Self.grouped(states.map { .array(($0.array ?? []) + [[:]]) }, of: layer)
    let hasStates = Self.takesStates(layer) && converted.count > 1
    guard hasTensorArgument || hasStates, readers != .keras2 else { return .array(converted) }
    guard readers == .keras3 else {
      throw CheckpointError(.unconvertible(what: subject(layer), to: readers.name))
    }
    guard hasStates else { return Self.call(of: converted) }
    var call = Self.call(of: [converted[0]])
    let given = Self.tensors(in: .array(Array(converted.dropFirst()))) { state -> JSON? in
      state[0]?.string.map { _ in Self.tensor(state) }
    }
    guard let given else {
      throw CheckpointError(.unconvertible(what: subject(layer), to: readers.name))
    }
    call["kwargs"]?["initial_state"] = .array(Self.grouped(given, of: layer))
    return call
  }

  /// The call that Keras 3 writes for a list of inputs. It takes name and place of a tensor from
  /// here, shape and type from the layer that gives it.
  private static func call(of inputs: [JSON]) -> JSON {
    let tensors = inputs.map(tensor)
    let arguments = (inputs.last?[3]?.object ?? [:]).mapValues { value in
      value.array?.count == 3 && value[0]?.string != nil ? tensor(value) : value
    }
    return [
      "args": .array([tensors.count == 1 ? tensors[0] : .array(tensors)]),
      "kwargs": .object(arguments),
    ]
  }

  private static func tensor(_ reference: JSON) -> JSON {
    [
      "class_name": "__keras_tensor__",
      "config": [
        "shape": [], "dtype": "float32",
        "keras_history": .array(Array((reference.array ?? []).prefix(3))),
      ],
    ]
  }

  /// The list of inputs that Keras 2 writes for a call of Keras 3.
  private func list(_ call: JSON, of layer: JSON) throws(CheckpointError) -> JSON {
    var arguments: [String: JSON] = [:]
    var states: [JSON] = []
    for (key, value) in call["kwargs"]?.object ?? [:] where key != "mask" && key != "training" {
      if key == "initial_state", Self.takesStates(layer),
        let found = Self.tensors(in: value, history)
      {
        states = found
      } else {
        arguments[key] = try argument(value, of: layer)
      }
    }
    if readers == .both, !states.isEmpty {
      throw CheckpointError(.unconvertible(what: subject(layer), to: readers.name))
    }
    let positional = call["args"]?.array ?? []
    let names = layer["class_name"] == "MultiHeadAttention" ? ["query", "value", "key"] : []
    for (place, value) in positional.enumerated().dropFirst() where !value.isNull {
      guard place < names.count else {
        if Self.maskOperations.contains(layer["class_name"]?.string ?? "") { continue }
        throw CheckpointError(.unconvertible(what: subject(layer), to: readers.name))
      }
      arguments[names[place]] = try argument(value, of: layer)
    }
    if readers == .both, arguments.values.contains(where: { reference($0) != nil }) {
      throw CheckpointError(.unconvertible(what: subject(layer), to: readers.name))
    }
    let tensors = positional.first.map { $0.array ?? [$0] } ?? []
    var inputs: [JSON] = []
    for tensor in tensors {
      guard let reference = history(of: tensor)?.array else {
        throw CheckpointError(.unconvertible(what: subject(layer), to: readers.name))
      }
      inputs.append(.array(reference + [.object(arguments)]))
    }
    inputs += Self.grouped(
      states.map { .array(($0.array ?? []) + [.object(arguments)]) }, of: layer)
    return .array(inputs)
  }

  /// Gives an attention the shapes of its inputs, from which Keras 2 builds it.
  private func addShapes(of call: JSON, to layer: inout JSON) {
    let inputs = call["args"]?.array ?? []
    let places = ["query": 0, "value": 1, "key": inputs.count > 2 ? 2 : 1]
    for (name, place) in places where layer["config"]?[name + "_shape"] == nil {
      let tensor = inputs.indices.contains(place) ? inputs[place] : call["kwargs"]?[name]
      layer["config"]?[name + "_shape"] = tensor?["config"]?["shape"]
    }
  }

  private func argument(_ value: JSON, of layer: JSON) throws(CheckpointError) -> JSON {
    if let reference = history(of: value) { return reference }
    if value["class_name"] != nil
      || value.array?.contains(where: { $0["class_name"] != nil }) == true
    {
      throw CheckpointError(.unconvertible(what: subject(layer), to: readers.name))
    }
    return value
  }

  private func history(of tensor: JSON) -> JSON? {
    guard tensor["class_name"] == "__keras_tensor__",
      let history = tensor["config"]?["keras_history"]
    else { return nil }
    return reference(history)
  }

  private func subject(_ layer: JSON) -> String {
    "the call of the layer \"\(layer["name"]?.string ?? "")\""
  }

  /// Operations that Keras 3 writes as layers where a layer makes a mask.
  private static let maskOperations: Set = ["NotEqual", "Any"]

  /// The layers without those that only make masks, which Keras 2 passes on by itself.
  private func withoutMasks(_ layers: [JSON]) throws(CheckpointError) -> [JSON] {
    let isMask = { (layer: JSON) in Self.maskOperations.contains(layer["class_name"]?.string ?? "")
    }
    let kept = layers.filter { !isMask($0) }
    let dropped = Set(layers.filter(isMask).compactMap { $0["name"]?.string })
    for layer in kept {
      for call in layer["inbound_nodes"]?.array ?? [] {
        for input in call.array ?? [] where dropped.contains(input[0]?.string ?? "") {
          throw CheckpointError(.unconvertible(what: subject(layer), to: readers.name))
        }
      }
    }
    return kept
  }

  /// A Sequential inside a model without its InputLayer, so that both generations count its calls
  /// from 0. A functional model cannot be without.
  private func withoutInput(_ layer: JSON) throws(CheckpointError) -> JSON {
    guard layer["class_name"] == "Sequential", let layers = layer["config"]?["layers"]?.array else {
      throw CheckpointError(
        .unconvertible(
          what: "the model \"\(layer["name"]?.string ?? "")\" inside a model", to: readers.name))
    }
    var layer = layer
    layer["config"]?["layers"] = .array(Array(layers.dropFirst()))
    // Keras 2 would build it at once from this, and count an input again.
    layer["config"]?["build_input_shape"] = nil
    return layer
  }
}
