/// Writing a graph as the configuration that Keras 3 reads.
public import KerasCheckpoint

extension Graph {
  /// The two ways in which Keras 3 writes the same architecture.
  public enum ConfigForm: Sendable {
    /// `to_json` and `.keras`: every object with its module and registered name.
    case complete
    /// The attribute `model_config` of a legacy `.h5`: classes and configurations alone.
    case legacy
  }

  /// The architecture in today's words, as real Keras 3 reads it.
  ///
  /// Unknown keys of a stored configuration are kept, and so is every layer that Keratin cannot run.
  public func modelConfig(_ form: ConfigForm = .legacy) -> JSON {
    switch self.form {
    case .sequential: sequentialConfig(form)
    case .functional: functionalConfig(form)
    }
  }

  private func sequentialConfig(_ form: ConfigForm) -> JSON {
    var config = unknown
    config["name"] = .string(name)
    config["trainable"] = config["trainable"] ?? .bool(true)
    config["dtype"] = DTypePolicy.float32.json
    let input = (layers[0] as? InputLayer)?.batchShape
    config["layers"] = .array(
      layers.filter { !(($0 as? InputLayer).map { $0.batchShape == nil } ?? false) }
        .map { $0.entry(form) })
    config["build_input_shape"] = input?.json
    var model = Self.entry(
      className: "Sequential", module: "keras", registeredName: .null, config, form)
    if form == .complete, let input { model["build_config"] = ["input_shape": input.json] }
    return model
  }

  private func functionalConfig(_ form: ConfigForm) -> JSON {
    var config = unknown
    config["name"] = .string(name)
    config["trainable"] = config["trainable"] ?? .bool(true)
    config["input_layers"] = ports["input_layers"] ?? json(inputs)
    config["output_layers"] = ports["output_layers"] ?? json(outputs)
    let shapes = (try? inferred(nil))?.shapes
    var calls = [[Node]](repeating: [], count: layers.count)
    for node in nodes { calls[node.layer].append(node) }
    config["layers"] = .array(
      layers.enumerated().map { place, layer in
        var stored = layer.entry(form)
        stored["name"] = .string(layer.name)
        stored["inbound_nodes"] = .array(
          calls[place].sorted { $0.call < $1.call }
            .filter { !$0.inputs.isEmpty || $0.arguments != nil }
            .map { json($0, shapes) })
        return stored
      })
    return Self.entry(
      className: "Functional", module: "keras.src.models.functional",
      registeredName: "Functional", config, form)
  }

  fileprivate static func entry(
    className: String, module: String, registeredName: JSON, _ config: [String: JSON],
    _ form: ConfigForm
  ) -> JSON {
    var entry: [String: JSON] = ["class_name": .string(className), "config": .object(config)]
    if form == .complete {
      entry["module"] = .string(module)
      entry["registered_name"] = registeredName
    }
    return .object(entry)
  }

  private func json(_ ports: [Port]) -> JSON {
    ports.count == 1
      ? history(ports[0], isEnd: true) : .array(ports.map { history($0, isEnd: true) })
  }

  /// `["dense", 0, 0]`; see `CallCounting`.
  private func history(_ port: Port, isEnd: Bool = false) -> JSON {
    let node = nodes[port.node]
    let layer = layer(of: node)
    let first = isEnd && layer.innerGraph?.form == .functional ? 1 : 0
    return [.string(layer.name), .int(first + node.call), .int(port.output)]
  }

  private func json(_ node: Node, _ shapes: [[LayerShape]?]?) -> JSON {
    if let arguments = node.arguments { return arguments }
    func tensor(_ port: Port) -> JSON {
      let results = shapes?[port.node] ?? []
      let shape = results.indices.contains(port.output) ? results[port.output] : nil
      let source = layer(of: nodes[port.node]) as? InputLayer
      return [
        "class_name": "__keras_tensor__",
        "config": [
          "shape": shape?.json ?? .null, "dtype": .string(source?.elementType ?? "float32"),
          "keras_history": history(port),
        ],
      ]
    }
    let tensors = node.inputs.map(tensor)
    var named: [String: JSON] = [:]
    let kind = type(of: layers[node.layer])
    for flag in node.options.flags { named[flag] = .bool(true) }
    if let mask = node.masks[0], node.masks.count == 1 { named["mask"] = tensor(mask) }
    if !node.options.names.isEmpty {
      // Those in their places as they stand, the others by name.
      let inputs = zip(node.options.names, kind.namedArguments.inputs).prefix { $0 == $1 }.count
      for (name, tensor) in zip(node.options.names, tensors).dropFirst(inputs) {
        named[name] = tensor
      }
      return ["args": .array(Array(tensors.prefix(inputs))), "kwargs": .object(named)]
    }
    guard tensors.count > 1 else { return ["args": .array(tensors), "kwargs": .object(named)] }
    if let key = kind.furtherInputs {
      named[key] = .array(further(Array(tensors.dropFirst()), of: layers[node.layer]))
      return ["args": [tensors[0]], "kwargs": .object(named)]
    }
    return ["args": [.array(tensors)], "kwargs": .object(named)]
  }
}

/// The further inputs of a call as Keras 3 takes them: the states of several cells in a list of lists.
private func further(_ tensors: [JSON], of layer: any Layer) -> [JSON] {
  let cells = (layer as? RNN)?.cell ?? layer
  guard let counts = (cells as? StackedRNNCells)?.stateCounts else { return tensors }
  var rest = tensors[...]
  return counts.map { count in
    defer { rest = rest.dropFirst(count) }
    return count == 1 ? rest.first ?? .null : .array(Array(rest.prefix(count)))
  }
}

extension Layer {
  /// The layer as a model or a wrapper has it: class and configuration.
  func entry(_ form: Graph.ConfigForm) -> JSON {
    if let unsupported = self as? UnsupportedLayer { return unsupported.entry }
    if let model = self as? NestedModel { return model.entry(form) }
    if let function = self as? FunctionCallLayer { return function.entry }
    let className = form == .legacy ? Catalogue.legacyName(Self.className) : Self.className
    return Graph.entry(
      className: className, module: Self.module,
      registeredName: Self.module == "keras.layers" ? .null : .string(Self.className), config, form)
  }
}
