/// Reading a graph from the configuration that a file stores.
public import KerasCheckpoint

extension Graph {
  /// Above any number of layers that a model has.
  package static let layerLimit = 100_000

  /// Reads `model_config`: a Sequential or Functional model of any Keras generation.
  ///
  /// A layer that Keratin cannot run does not fail the reading; it becomes an `UnsupportedLayer`,
  /// and running the graph then says why it cannot be run.
  ///
  /// - Parameters:
  ///   - dialect: the generation of Keras that wrote the configuration.
  ///   - customLayers: the classes that are not Keras's own, as `custom_objects` in Keras.
  /// - Throws: `ModelGraphError` where the configuration contradicts itself.
  public init(
    modelConfig: JSON, dialect: Dialect = .keras3, customLayers: [any Layer.Type] = []
  ) throws(ModelGraphError) {
    try self.init(
      modelConfig: dialect < .keras3
        ? OldModelConfig.modernised(modelConfig, dialect) : modelConfig,
      decoding: Decoding(dialect: dialect, customLayers: customLayers))
  }

  init(modelConfig: JSON, decoding: Decoding) throws(ModelGraphError) {
    guard let className = modelConfig["class_name"]?.string, let config = modelConfig["config"]
    else {
      throw ModelGraphError(.notAModel(found: modelConfig.kindName))
    }
    switch className {
    case "Sequential": try self.init(sequentialConfig: config, decoding: decoding)
    case "Functional", "Model": try self.init(functionalConfig: config, decoding: decoding)
    default: throw ModelGraphError(.notAModel(found: "the class \"\(className)\""))
    }
    // Models inside models that are called again and again grow beyond any file's size.
    try Self.limit(expandedSize, "calls of layers")
  }

  /// Up to 2.2.2 the configuration is the bare list of layers; today an object has it.
  private init(sequentialConfig config: JSON, decoding: Decoding) throws(ModelGraphError) {
    guard let entries = config.array ?? config["layers"]?.array else {
      throw ModelGraphError(.missingKey, at: .init(key: "layers"))
    }
    try Self.limit(entries.count, "layers")
    var layers: [any Layer] = []
    for entry in entries { layers.append(try LayerEntry(entry, decoding).layer()) }
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
    guard let stored, !stored.isNull else {
      // A model at the beginning says what it takes itself.
      let inputs = first.innerGraph.map { graph in
        graph.inputs.compactMap { graph.layers[graph.nodes[$0.node].layer] as? InputLayer }
      }
      guard let input = inputs?.first, inputs?.count == 1, input.batchShape != nil else {
        return InputLayer(batchShape: nil)
      }
      return InputLayer(
        batchShape: input.batchShape, dtype: input.elementType, name: "\(first.name)_input")
    }
    guard let shape = LayerShape(json: stored) else {
      // Data of several parts.
      if first is UnsupportedLayer || first is NestedModel { return InputLayer(batchShape: nil) }
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
  let decoding: Decoding
  let settings: JSON

  init(_ json: JSON, _ decoding: Decoding) throws(ModelGraphError) {
    guard let className = json["class_name"]?.string, let settings = json["config"] else {
      throw ModelGraphError(
        .wrongValue(
          expected: "a layer with class_name and config", found: String(json.text.prefix(80))),
        at: .init(key: "layers"))
    }
    self.json = json
    self.className = className
    self.settings = settings
    self.decoding = decoding
    name = json["name"]?.string ?? settings["name"]?.string ?? ""
  }

  /// The layer, or an `UnsupportedLayer` in its place.
  func layer() throws(ModelGraphError) -> any Layer {
    if isFunctionCall { return try function() }
    if isModel { return try model() }
    guard let type = layerType else {
      return unsupported(className == "Lambda" ? .pythonCode : .unsupportedLayer)
    }
    guard let values = settings.object else {
      throw ModelGraphError(
        .wrongValue(expected: "an object", found: settings.kindName),
        at: .init(layer: name, className: className, key: "config"))
    }
    do {
      var config = LayerConfig(
        className: className, layerName: name, values: values, decoding: decoding,
        legacyKeys: type.legacyKeys, constants: constants)
      var layer = try type.init(config: &config)
      layer.attributes.unknown = config.unread
      return layer
    } catch {
      guard error.isUnsupported else { throw error }
      return unsupported(error.kind, key: error.location.key)
    }
  }

  /// Whether the entry is a model inside the model.
  var isModel: Bool { ["Sequential", "Functional", "Model"].contains(className) && isKeras }

  private func model() throws(ModelGraphError) -> any Layer {
    do {
      return try NestedModel(self)
    } catch {
      throw error.located(layer: name, className: className)
    }
  }

  /// The type of the class: of Keras's own, or one that the user gave.
  var layerType: (any Layer.Type)? {
    if isKeras, let type = Catalogue.layer(className, module: json["module"]?.string) {
      return type
    }
    return decoding.customLayers[className]
  }

  /// Whether it is a call of a function, and neither a layer that bears the function's name nor one of the
  /// operations that masks are made of, in the way in which they are.
  var isFunctionCall: Bool {
    guard functionName != nil, isKeras else { return false }
    let layer = Catalogue.layer(className, module: json["module"]?.string)
    guard let operation = layer as? any Operation.Type else { return true }
    let call = json["inbound_nodes"]?[0].flatMap(FunctionArguments.init(_:))
    if operation is any SingleInputLayer.Type, call?.references.count != 1 { return true }
    var config = LayerConfig(
      className: className, layerName: name, values: settings.object ?? [:],
      decoding: decoding, legacyKeys: [:], constants: constants)
    return (try? operation.init(config: &config)) == nil
  }

  private func function() throws(ModelGraphError) -> any Layer {
    do throws(ModelGraphError) {
      return try FunctionCallLayer(self) ?? unsupported(.unsupportedLayer) as any Layer
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
    let package = module?.prefix { $0 != "." }
    return (package == nil || package == "keras" || package == "tf_keras")
      && (registered == nil || registered == className)
  }

  private func unsupported(_ kind: ModelGraphError.Kind, key: String? = nil) -> UnsupportedLayer {
    UnsupportedLayer(
      className: className, name: name, entry: json,
      reason: ModelGraphError(kind, at: .init(layer: name, className: className, key: key)))
  }
}
