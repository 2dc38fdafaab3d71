/// Rewrites a `model_config` for other readers.
///
/// Each rule looks at what stands there and not at where it came from, so a configuration that is
/// right already passes unchanged, and so does every key that no rule knows.
///
/// - `batch_shape` of Keras 3's InputLayer is `batch_input_shape` in Keras 2; both read the latter.
/// - A `DTypePolicy` object of Keras 3 is the policy's name in Keras 2; both read the latter.
/// - Options that one generation alone has are left out where they do nothing, and refused where
///   they do something, since without them the model would predict otherwise.
struct ConfigConversion {
  let readers: Readers

  /// Whether `hard_sigmoid` means Keras 2's function already.
  var hasHardSigmoidOfKeras2 = false

  var readsKeras2: Bool { readers != .keras3 }
  var readsKeras3: Bool { readers != .keras2 }

  /// Converts a whole model, or a model inside one.
  func model(_ model: JSON) throws(CheckpointError) -> JSON {
    var model = model
    var config = model["config"] ?? [:]
    if config.array != nil {
      // Sequential up to Keras 2.2 is its list of layers.
      config = ["name": "sequential", "layers": config]
    }
    guard let layers = config["layers"]?.array else { return try layer(model) }
    var converted: [JSON] = []
    for layer in layers { converted.append(try node(layer)) }
    switch model["class_name"]?.string {
    case "Sequential":
      converted = withInput(converted, isFixed: isStateful(layers))
    case "Model", "Functional":
      model["class_name"] = "Functional"
      let graph = GraphConversion(readers: readers, layers: converted, of: config)
      converted = try graph.layers()
      config["input_layers"] = graph.ends(config["input_layers"])
      config["output_layers"] = graph.ends(config["output_layers"])
    default: break
    }
    config["layers"] = .array(converted)
    if let dtype = config["dtype"] { config["dtype"] = try policy(dtype, of: model) }
    model["config"] = config
    return model
  }

  /// Converts a layer of a model, which may be a model itself.
  private func node(_ node: JSON) throws(CheckpointError) -> JSON {
    node["config"]?["layers"] == nil && node["config"]?.array == nil
      ? try layer(node) : try model(node)
  }

  /// Converts one layer, and the layers that it wraps.
  private func layer(_ layer: JSON) throws(CheckpointError) -> JSON {
    guard let className = layer["class_name"]?.string, var config = layer["config"],
      config.object != nil
    else { return layer }
    var layer = layer
    try refuse(className, layer: layer)
    for wrapped in ["layer", "backward_layer", "forward_layer", "cell"] {
      if let inner = config[wrapped], inner.object != nil { config[wrapped] = try node(inner) }
    }
    if let cells = config["cells"]?.array {
      var converted: [JSON] = []
      for cell in cells { converted.append(try self.layer(cell)) }
      config["cells"] = .array(converted)
    }
    if let dtype = config["dtype"] { config["dtype"] = try policy(dtype, of: layer) }
    let subject = "the layer \"\(config["name"]?.string ?? className)\""
    if readsKeras2 { config = try withoutKeras3Options(config, className, subject) }
    if readsKeras3 { config = try withoutKeras2Options(config, className, subject) }
    for (key, value) in config.object ?? [:] where key.hasSuffix("_initializer") {
      config[key] = initializer(value)
    }
    layer["config"] = config
    return layer
  }

  /// The name of a policy for computing in reduced precision.
  private func policy(_ dtype: JSON, of layer: JSON) throws(CheckpointError) -> JSON {
    guard dtype.object != nil else { return dtype }
    if readers == .keras3, dtype["class_name"] == "DTypePolicy" { return dtype }
    if let name = dtype["config"]?["name"], ["DTypePolicy", "Policy"].contains(dtype["class_name"])
    {
      return name
    }
    throw CheckpointError(
      .unconvertible(
        what: "the dtype \(dtype["class_name"]?.string ?? dtype.text) of "
          + "\"\(layer["config"]?["name"]?.string ?? "a layer")\"", to: readers.name))
  }

  /// Options of initialisers: since Keras 3.14 those of variance scaling have two axes more, tf.keras
  /// 2.2 gave each a type, and Keras 2 up to 2.2 said `normal` for what is a truncated one.
  private func initializer(_ value: JSON) -> JSON {
    guard var config = value["config"], config.object != nil else { return value }
    var value = value
    for key in ["input_axes", "output_axes"] where readsKeras2 && config[key]?.isNull == true {
      config[key] = nil
    }
    if readsKeras3 { config["dtype"] = nil }
    if value["class_name"] == "VarianceScaling", config["distribution"] == "normal" {
      config["distribution"] = "truncated_normal"
    }
    value["config"] = config
    return value
  }

  /// Whether a recurrent layer keeps its state between batches, which fixes the batch's size.
  private func isStateful(_ layers: [JSON]) -> Bool {
    layers.contains { $0["config"]?["stateful"] == true }
  }

  /// The layers of a Sequential with its input as the readers expect it.
  ///
  /// Keras 2 says the shape of the input on the first layer, or on an InputLayer too; Keras 3 would
  /// take the batch on the first layer for an axis of the data. Keras 3 writes the size of the first
  /// batch it saw, which would bind Keras 2 to it.
  private func withInput(_ layers: [JSON], isFixed: Bool) -> [JSON] {
    guard var first = layers.first, var config = first["config"], config.object != nil else {
      return layers
    }
    let key = readsKeras2 ? "batch_input_shape" : "batch_shape"
    if first["class_name"] == "InputLayer" {
      if readsKeras2, !isFixed, var shape = config[key]?.array, !shape.isEmpty {
        shape[0] = nil
        config[key] = .array(shape)
        first["config"] = config
      }
      return [first]
        + layers.dropFirst().map { layer in
          var layer = layer
          if readsKeras3, layer["config"]?.object != nil {
            layer["config"]?["batch_input_shape"] = nil
          }
          return layer
        }
    }
    guard readsKeras3, let shape = config["batch_input_shape"] else { return layers }
    config["batch_input_shape"] = nil
    first["config"] = config
    let name = (config["name"]?.string ?? "layer") + "_input"
    let input: JSON = [
      "class_name": "InputLayer",
      "config": [
        key: shape, "dtype": config["dtype"]?.string.map { .string($0) } ?? "float32",
        "sparse": false, "name": .string(name),
      ],
    ]
    return [input, first] + layers.dropFirst()
  }
}
