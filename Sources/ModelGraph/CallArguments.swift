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
      guard let reference = TensorReference(element) else { throw wrong(json, key) }
      references.append(reference)
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
  var mask: TensorReference?
  /// Why the call cannot be run: an argument that is no tensor, or that only some layers know.
  var problem: ModelGraphError.Kind?
  /// Arguments that are no tensors.
  var constants: [JSON] = []
  /// As stored, where that is Keras 3's dialect.
  var stored: JSON?

  init(_ node: JSON) throws(ModelGraphError) {
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
    for argument in node["args"]?.array ?? [] {
      if let reference = TensorReference(tensor: argument) {
        inputs.append(reference)
      } else if let list = argument.array, !list.isEmpty {
        for element in list {
          guard let reference = TensorReference(tensor: element) else { throw Self.wrong(node) }
          inputs.append(reference)
        }
      } else if !argument.isNull {
        constants.append(argument)
      }
    }
    for (key, value) in (node["kwargs"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      // Whether a model trains is said when it runs; the stored value is only how it was drawn.
      if key == "training" || value.isNull { continue }
      if key == "mask", let reference = TensorReference(tensor: value) {
        mask = reference
      } else if key == "initial_state", let states = Self.tensors(value) {
        inputs += states
      } else {
        problem = .unsupportedOption(value: "the argument \"\(key)\" of a call")
      }
    }
  }

  /// The tensors of a list of nothing else.
  private static func tensors(_ json: JSON) -> [TensorReference]? {
    guard let list = json.array else { return nil }
    let references = list.compactMap(TensorReference.init(tensor:))
    return references.count == list.count ? references : nil
  }

  /// Keras 1 and 2: `[["embedding", 0, 0, {}], …]`; for one function alone `["x", 0, 0, {…}]`.
  private mutating func readLegacy(_ list: [JSON]) throws(ModelGraphError) {
    let elements = list.first?.string == nil ? list : [.array(list)]
    for element in elements {
      guard let reference = TensorReference(element) else { throw Self.wrong(.array(list)) }
      inputs.append(reference)
      for (key, value) in element[3]?.object ?? [:] where !value.isNull && key != "training" {
        if key == "mask", let reference = TensorReference(value) {
          mask = reference
          continue
        }
        // References inside keep the order of calls right, also where they are not run.
        inputs += Self.references(in: value)
        problem = .unsupportedOption(value: "the argument \"\(key)\" of a call")
      }
    }
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
