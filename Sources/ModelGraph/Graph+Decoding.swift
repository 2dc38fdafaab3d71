/// Reading a graph from the configuration that a file stores.
public import KerasCheckpoint

extension Graph {
  /// Above any number of layers that a model has.
  package static let layerLimit = 100_000

  /// Reads `model_config`: a Sequential or Functional model of any Keras generation.
  ///
  /// A layer that Keratin cannot run does not fail the reading; it becomes an `UnsupportedLayer`,
  /// and running the graph then says why it cannot be run. A model inside the model is such a layer.
  ///
  /// - Throws: `ModelGraphError` where the configuration contradicts itself.
  public init(modelConfig: JSON, dialect: Dialect = .keras3) throws(ModelGraphError) {
    guard let className = modelConfig["class_name"]?.string, let config = modelConfig["config"]
    else {
      throw ModelGraphError(.notAModel(found: modelConfig.kindName))
    }
    switch className {
    case "Sequential": try self.init(sequentialConfig: config, dialect: dialect)
    case "Functional", "Model": try self.init(functionalConfig: config, dialect: dialect)
    default: throw ModelGraphError(.notAModel(found: "the class \"\(className)\""))
    }
  }

  /// Up to 2.2.2 the configuration is the bare list of layers; today an object has it.
  private init(sequentialConfig config: JSON, dialect: Dialect) throws(ModelGraphError) {
    guard let entries = config.array ?? config["layers"]?.array else {
      throw ModelGraphError(.missingKey, at: .init(key: "layers"))
    }
    try Self.limit(entries.count, "layers")
    var layers: [any Layer] = []
    for entry in entries { layers.append(try LayerEntry(entry, dialect).layer()) }
    guard let first = layers.first else { throw ModelGraphError(.noLayers) }
    if !(first is InputLayer) {
      layers.insert(try Self.inputLayer(of: entries[0], first, config), at: 0)
    }
    try self.init(chain: layers, name: config["name"]?.string ?? "sequential")
    isDeferred = (layers[0] as? InputLayer)?.batchShape == nil
    let known: Set = ["name", "layers", "build_input_shape"]
    unknown = (config.object ?? [:]).filter { !known.contains($0.key) }
  }

  /// The input layer that a chain without one implies: its first layer says the shape, or the model
  /// says the shape it was built for.
  private static func inputLayer(
    of entry: JSON, _ first: any Layer, _ config: JSON
  ) throws(ModelGraphError) -> InputLayer {
    let settings = entry["config"]
    let stored =
      settings?["batch_input_shape"] ?? settings?["batch_shape"] ?? config["build_input_shape"]
    guard let stored, !stored.isNull else { return InputLayer(batchShape: nil) }
    guard let shape = LayerShape(json: stored) else {
      // A nested model, or data of several parts.
      if first is UnsupportedLayer { return InputLayer(batchShape: nil) }
      throw ModelGraphError(
        .wrongValue(expected: "a list of sizes", found: String(stored.text.prefix(80))),
        at: .init(layer: first.name, className: first.displayClassName, key: "batch_input_shape"))
    }
    let type = settings?["input_dtype"]?.string ?? (first.takesTokens ? "int32" : "float32")
    return InputLayer(batchShape: shape, dtype: type, name: "\(first.name)_input")
  }

  static func limit(_ count: Int, _ what: String) throws(ModelGraphError) {
    guard count <= layerLimit else {
      throw ModelGraphError(.tooMany(what: what, limit: layerLimit))
    }
  }
}

/// One layer as a configuration has it: class, configuration, and how it is connected.
struct LayerEntry {
  let json: JSON
  let className: String
  let name: String
  let dialect: Dialect
  private let settings: JSON

  init(_ json: JSON, _ dialect: Dialect) throws(ModelGraphError) {
    guard let className = json["class_name"]?.string, let settings = json["config"] else {
      throw ModelGraphError(
        .wrongValue(
          expected: "a layer with class_name and config", found: String(json.text.prefix(80))),
        at: .init(key: "layers"))
    }
    self.json = json
    self.className = className
    self.settings = settings
    self.dialect = dialect
    name = json["name"]?.string ?? settings["name"]?.string ?? ""
  }

  /// The layer, or an `UnsupportedLayer` in its place.
  func layer() throws(ModelGraphError) -> any Layer {
    guard let type = Catalogue.layer(className, module: json["module"]?.string), isKeras else {
      return unsupported(refusal)
    }
    guard let values = settings.object else {
      throw ModelGraphError(
        .wrongValue(expected: "an object", found: settings.kindName),
        at: .init(layer: name, className: className, key: "config"))
    }
    do {
      var config = LayerConfig(
        className: className, layerName: name, values: values, dialect: dialect,
        legacyKeys: type.legacyKeys, constants: constants)
      var layer = try type.init(config: &config)
      layer.attributes.unknown = config.unread
      return layer
    } catch {
      guard error.isUnsupported else { throw error }
      return unsupported(error.kind, key: error.location.key)
    }
  }

  /// What the first call takes beside tensors.
  private var constants: [JSON] {
    (json["inbound_nodes"]?[0]?["args"]?.array ?? []).filter {
      TensorReference(tensor: $0) == nil && $0.array == nil
    }
  }

  /// Whether the class is Keras's own, and not one of the same name from elsewhere.
  private var isKeras: Bool {
    let module = json["module"]?.string
    let registered = json["registered_name"]?.string
    return (module == nil || module == "keras" || module?.hasPrefix("keras.") == true)
      && (registered == nil || registered == className)
  }

  private var refusal: ModelGraphError.Kind {
    switch className {
    case "Lambda": .pythonCode
    case "Sequential", "Functional", "Model": .nestedModel
    default: .unsupportedLayer
    }
  }

  private func unsupported(_ kind: ModelGraphError.Kind, key: String? = nil) -> UnsupportedLayer {
    UnsupportedLayer(
      className: className, name: name, entry: json,
      reason: ModelGraphError(kind, at: .init(layer: name, className: className, key: key)))
  }
}
