/// The words of Keras 0 and 1 for a model, brought to those that layers read.
import KerasCheckpoint

/// Rewrites a model's configuration, before it is read layer by layer, where the meaning of an entry
/// depends on others:
///
/// - Keras 0 named the class of a layer `name`, and its name `custom_name`.
/// - Layers that move or widen axes did not say where their channels are; they have them where the
///   model's convolutions have them, as the settings of the whole of Keras said.
/// - Constraints had their settings beside their class.
/// - `Merge` had the mode of joining as a setting. Each mode is a layer of its own today.
/// - A Sequential model could begin with a `Merge` of other models. It becomes a Functional one of all
///   their layers, in the order in which their weights are stored.
///
/// Source: `Sequential.from_config` in `keras/models.py` and `Merge` in `keras/engine/topology.py` of Keras
/// 1.2.2.
struct OldModelConfig {
  /// Where the channels are: `tf` or `th`; nil where no layer says it.
  fileprivate let ordering: String?

  /// The model in words of which each layer reads its own. Keras 2 has left but `Merge` of all these.
  static func modernised(_ model: JSON, _ dialect: Dialect) throws(ModelGraphError) -> JSON {
    let config = OldModelConfig(
      ordering: dialect == .keras1 ? ordering(in: model, depth: 0) : nil)
    return try config.model(model, depth: 0)
  }

  /// Above any depth at which models stand in models.
  private static let depthLimit = 64

  private static func ordering(in json: JSON, depth: Int) -> String? {
    guard depth < depthLimit * 4 else { return nil }
    if let ordering = json["dim_ordering"]?.string { return ordering }
    let members = json.object.map { $0.sorted { $0.key < $1.key }.map(\.value) } ?? json.array ?? []
    for member in members {
      if let ordering = ordering(in: member, depth: depth + 1) { return ordering }
    }
    return nil
  }

  private func model(_ model: JSON, depth: Int) throws(ModelGraphError) -> JSON {
    guard depth < Self.depthLimit else {
      throw ModelGraphError(.tooMany(what: "models in models", limit: Self.depthLimit))
    }
    var model = model
    let isList = model["config"]?.array != nil
    guard let entries = model["config"]?.array ?? model["config"]?["layers"]?.array else {
      return model
    }
    var layers: [JSON] = []
    for entry in entries { layers.append(try layer(entry, depth: depth)) }
    if model["class_name"] == "Sequential", layers.first?["config"]?["layers"] != nil,
      Self.joining.keys.contains(layers.first?["merged"]?.string ?? "")
    {
      let name = model["config"]?["name"]?.string ?? "sequential"
      model["class_name"] = "Model"
      model["config"] = try Chains(layers).config(named: name)
      return model
    }
    if isList {
      model["config"] = .array(layers)
    } else {
      model["config"]?["layers"] = .array(layers)
    }
    return model
  }

  private func layer(_ entry: JSON, depth: Int) throws(ModelGraphError) -> JSON {
    var entry = entry
    if entry["class_name"] == nil, let className = entry["name"] {
      var config = entry
      config["name"] = entry["custom_name"]
      config["custom_name"] = nil
      entry = ["class_name": className, "config": config]
    }
    if entry["config"]?["layers"] != nil || entry["config"]?.array != nil,
      entry["class_name"] != "Merge"
    {
      return try model(entry, depth: depth + 1)
    }
    if entry["class_name"] == "Merge" { entry = try joined(entry, depth: depth) }
    let className = entry["class_name"]?.string ?? ""
    if let ordering, Self.withoutOrdering.contains(className),
      entry["config"]?["dim_ordering"] == nil, entry["config"]?["data_format"] == nil
    {
      entry["config"]?["dim_ordering"] = .string(ordering)
    }
    for (key, value) in entry["config"]?.object ?? [:] where key.hasSuffix("_constraint") {
      if let constraint = Self.constraint(value) { entry["config"]?[key] = constraint }
    }
    if let wrapped = entry["config"]?["layer"], wrapped.object != nil, depth < Self.depthLimit {
      entry["config"]?["layer"] = try layer(wrapped, depth: depth + 1)
    }
    return entry
  }

  /// `{"name": "MaxNorm", "m": 2, "axis": 0}` as today's readers have it; nil for what is so already.
  private static func constraint(_ json: JSON) -> JSON? {
    guard let name = json["name"], json["class_name"] == nil, var config = json.object else {
      return nil
    }
    config["name"] = nil
    if let maximum = config.removeValue(forKey: "m") { config["max_value"] = maximum }
    return ["class_name": name, "config": .object(config)]
  }

  private static let withoutOrdering: Set = [
    "Cropping2D", "Cropping3D", "SpatialDropout2D", "SpatialDropout3D", "UpSampling2D",
    "UpSampling3D", "ZeroPadding2D", "ZeroPadding3D",
  ]

  /// The layers of today for the modes of joining; for cosines there is none that gives the same shape.
  private static let joining = [
    "sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate",
    "dot": "Dot", "cos": "Merge",
  ]

  private func joined(_ entry: JSON, depth: Int) throws(ModelGraphError) -> JSON {
    guard let settings = entry["config"], let mode = settings["mode"]?.string,
      settings["mode_type"]?.string ?? "raw" == "raw", let className = Self.joining[mode]
    else { return entry }
    var config: JSON = ["name": settings["name"] ?? .null]
    config["trainable"] = settings["trainable"]
    if let branches = settings["layers"]?.array {
      var models: [JSON] = []
      for branch in branches { models.append(try layer(branch, depth: depth + 1)) }
      config["layers"] = .array(models)
    }
    switch mode {
    case "concat": config["axis"] = settings["concat_axis"] ?? -1
    case "dot": config["axes"] = settings["dot_axes"] ?? -1
    case "cos":
      config["mode"] = "cos"
      config["dot_axes"] = settings["dot_axes"] ?? -1
    default: break
    }
    var entry = entry
    entry["class_name"] = .string(className)
    entry["merged"] = .string(mode)
    entry["config"] = config
    return entry
  }
}

/// The chains of a Sequential model that begins by joining others, as the layers of a Functional model.
private struct Chains {
  private var layers: [JSON] = []
  private var inputs: [JSON] = []
  private let entries: [JSON]

  init(_ entries: [JSON]) { self.entries = entries }

  func config(named name: String) throws(ModelGraphError) -> JSON {
    var chains = self
    let output = try chains.add(entries)
    return [
      "name": .string(name), "layers": .array(chains.layers),
      "input_layers": .array(chains.inputs), "output_layers": [output],
    ]
  }

  /// Adds the layers of a chain.
  ///
  /// - Returns: where its result is.
  private mutating func add(_ entries: [JSON]) throws(ModelGraphError) -> JSON {
    guard var first = entries.first else { throw ModelGraphError(.noLayers) }
    var sources: [JSON] = []
    if let branches = first["config"]?["layers"]?.array, first["merged"] != nil {
      for branch in branches { sources.append(try source(of: branch)) }
      first["config"]?["layers"] = nil
    } else {
      sources = [try addInput(of: first)]
    }
    for entry in [first] + entries.dropFirst() where entry["class_name"] != "InputLayer" {
      var layer = entry
      layer["name"] = entry["config"]?["name"]
      layer["inbound_nodes"] = [.array(sources)]
      layers.append(layer)
      sources = [try Self.reference(entry)]
    }
    return sources[0]
  }

  /// The result of a model that is joined: a chain, or one that begins by joining others itself, whose
  /// layers stand beside the others.
  private mutating func source(of branch: JSON) throws(ModelGraphError) -> JSON {
    if branch["class_name"] == "Model", let inner = branch["config"],
      let parts = inner["layers"]?.array, let ends = inner["output_layers"]?.array, ends.count == 1
    {
      layers += parts
      inputs += inner["input_layers"]?.array ?? []
      return ends[0]
    }
    guard branch["class_name"] == "Sequential",
      let entries = branch["config"]?.array ?? branch["config"]?["layers"]?.array
    else { return try add([branch]) }
    return try add(entries)
  }

  private mutating func addInput(of first: JSON) throws(ModelGraphError) -> JSON {
    let name = try Self.reference(first)[0]?.string ?? ""
    let isInput = first["class_name"] == "InputLayer"
    let input = isInput ? name : "\(name)_input"
    let settings = first["config"]
    layers.append([
      "class_name": "InputLayer", "name": .string(input), "inbound_nodes": [],
      "config": [
        "name": .string(input), "batch_input_shape": settings?["batch_input_shape"] ?? .null,
        "input_dtype": settings?["input_dtype"] ?? "float32",
      ],
    ])
    inputs.append([.string(input), 0, 0])
    return [.string(input), 0, 0]
  }

  private static func reference(_ entry: JSON) throws(ModelGraphError) -> JSON {
    guard let name = entry["config"]?["name"]?.string, !name.isEmpty else {
      throw ModelGraphError(
        .missingKey, at: .init(className: entry["class_name"]?.string, key: "name"))
    }
    return [.string(name), 0, 0]
  }
}
