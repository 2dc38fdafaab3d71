/// The arguments with which a Functional model calls a layer, in the dialects of all generations.
import KerasCheckpoint

/// Where a tensor comes from: a layer by name, which of its calls, which of the results.
struct TensorReference: Hashable {
  let layer: String
  let call: Int
  let output: Int

  /// Reads `["embedding", 0, 0]`, with or without a fourth element.
  init?(_ json: JSON) {
    guard let parts = json.array, parts.count == 3 || parts.count == 4,
      let layer = parts[0].string, let call = parts[1].int, let output = parts[2].int,
      (0...Graph.layerLimit).contains(call), (0...Graph.layerLimit).contains(output)
    else { return nil }
    self.layer = layer
    self.call = call
    self.output = output
  }

  /// Reads Keras 3's `{"class_name": "__keras_tensor__", "config": {"keras_history": […]}}`.
  init?(tensor json: JSON) {
    guard json["class_name"]?.string == "__keras_tensor__",
      let history = json["config"]?["keras_history"]
    else { return nil }
    self.init(history)
  }

  /// Reads the inputs or outputs of a model: one reference, a list, or an object of them.
  static func list(_ json: JSON?, key: String) throws(ModelGraphError) -> [TensorReference] {
    guard let json else { throw ModelGraphError(.missingKey, at: .init(key: key)) }
    if let reference = TensorReference(json) { return [reference] }
    // Keras sorts the keys of an object.
    let elements = json.array ?? json.object?.sorted { $0.key < $1.key }.map(\.value) ?? []
    var references: [TensorReference] = []
    for element in elements {
      guard let found = CallArguments.tensors(in: element, TensorReference.init(_:)) else {
        throw wrong(json, key)
      }
      references += found
    }
    guard !references.isEmpty else { throw wrong(json, key) }
    return references
  }

  private static func wrong(_ json: JSON, _ key: String) -> ModelGraphError {
    ModelGraphError(
      .wrongValue(expected: "references to tensors", found: String(json.text.prefix(80))),
      at: .init(key: key))
  }
}

/// What one call takes.
struct CallArguments {
  var inputs: [TensorReference] = []
  /// The masks that are passed beside the inputs, by the places of these.
  var masks: [Int: TensorReference] = [:]
  var options = CallOptions()
  /// Why the call cannot be run: an argument that is no tensor, or that only some layers know.
  var problem: ModelGraphError.Kind?
  /// Arguments that are no tensors.
  var constants: [JSON] = []
  /// As stored, where that is Keras 3's dialect.
  var stored: JSON?
  private let names: NamedArguments

  /// - Parameter names: what the layer knows by name.
  init(_ node: JSON, names: NamedArguments) throws(ModelGraphError) {
    self.names = names
    if node.object != nil {
      try readToday(node)
    } else if let list = node.array {
      try readLegacy(list)
    } else {
      throw Self.wrong(node)
    }
  }

  /// Keras 3: `{"args": […], "kwargs": {…}}`.
  private mutating func readToday(_ node: JSON) throws(ModelGraphError) {
    stored = node
    for (place, argument) in (node["args"]?.array ?? []).enumerated() {
      if let reference = TensorReference(tensor: argument) {
        inputs.append(reference)
        name(names.inputs.indices.contains(place) ? names.inputs[place] : nil)
      } else if argument.array?.isEmpty == false {
        guard let references = Self.tensors(in: argument, TensorReference.init(tensor:)) else {
          throw Self.wrong(node)
        }
        inputs += references
      } else if !argument.isNull {
        constants.append(argument)
      }
    }
    read(node["kwargs"]?.object ?? [:]) { TensorReference(tensor: $0) }
  }

  /// Keras 1 and 2: `[["embedding", 0, 0, {}], …]`; for one function alone `["x", 0, 0, {…}]`. Each input
  /// has all named arguments.
  private mutating func readLegacy(_ list: [JSON]) throws(ModelGraphError) {
    let elements = list.first?.string == nil ? list : [.array(list)]
    for (place, element) in elements.enumerated() {
      guard let references = Self.tensors(in: element, TensorReference.init(_:)) else {
        throw Self.wrong(.array(list))
      }
      inputs += references
      name(names.inputs.indices.contains(place) ? names.inputs[place] : nil)
    }
    var named: [String: JSON] = [:]
    for element in elements { named.merge(element[3]?.object ?? [:]) { $1 } }
    read(named) { TensorReference($0) }
    // References inside keep the order of calls right, also where they are not run.
    if problem != nil {
      inputs += named.sorted { $0.key < $1.key }.flatMap { Self.references(in: $1) }
    }
  }

  /// Says what the last input is.
  private mutating func name(_ name: String?) {
    if let name { options.names.append(name) }
  }

  /// Reads the named arguments: first the tensors, in the layer's order, then all others.
  private mutating func read(
    _ arguments: [String: JSON], _ tensor: (JSON) -> TensorReference?
  ) {
    // Whether a model trains is said when it runs; the stored value is only how it was drawn.
    var arguments = arguments.filter { !$0.value.isNull && $0.key != "training" }
    for key in names.inputs + names.tensors where !options.names.contains(key) {
      guard let reference = arguments[key].flatMap(tensor) else { continue }
      arguments[key] = nil
      inputs.append(reference)
      name(key)
    }
    for (key, value) in arguments.sorted(by: { $0.key < $1.key }) {
      if names.flags.contains(key), let isOn = value.bool {
        if isOn { options.flags.insert(key) }
      } else if key == "mask", let mask = tensor(value) {
        masks[0] = mask
      } else if key == "mask", let list = value.array,
        list.allSatisfy({ $0.isNull || tensor($0) != nil })
      {
        for (place, element) in list.enumerated() { masks[place] = tensor(element) }
      } else if let mask = tensor(value), key.hasSuffix("_mask"),
        let place = options.names.firstIndex(of: String(key.dropLast("_mask".count)))
      {
        masks[place] = mask
      } else if names.lists.contains(key), let list = Self.tensors(in: value, tensor) {
        inputs += list
      } else {
        problem = .unsupportedOption(value: "the argument \"\(key)\" of a call")
      }
    }
    options.givesMask = !masks.isEmpty
  }

  /// The tensors of an argument that is one, or a list of them and of lists; nil where it is something else.
  fileprivate static func tensors(
    in value: JSON, depth: Int = 2, _ tensor: (JSON) -> TensorReference?
  ) -> [TensorReference]? {
    if let reference = tensor(value) { return [reference] }
    guard depth > 0, let list = value.array else { return nil }
    var references: [TensorReference] = []
    for element in list {
      guard let found = tensors(in: element, depth: depth - 1, tensor) else { return nil }
      references += found
    }
    return references
  }

  /// The references in an argument, one level deep, as they are written.
  private static func references(in value: JSON) -> [TensorReference] {
    if let reference = TensorReference(value) { return [reference] }
    return (value.array ?? []).compactMap(TensorReference.init(_:))
  }

  private static func wrong(_ node: JSON) -> ModelGraphError {
    ModelGraphError(
      .wrongValue(expected: "the inputs of a call", found: String(node.text.prefix(80))))
  }
}
