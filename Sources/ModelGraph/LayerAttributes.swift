/// What every layer has in its configuration.
public import KerasCheckpoint

public struct LayerAttributes: Sendable, Hashable {
  /// The name in the model; empty until the model gives one.
  public var name: String
  /// Whether training changes the layer's weights.
  public var trainable: Bool
  public var dtype: DTypePolicy
  /// Keys of a stored configuration that no rule knows; they survive saving.
  public var unknown: [String: JSON] = [:]

  public init(name: String? = nil, trainable: Bool = true, dtype: DTypePolicy = .float32) {
    self.name = name ?? ""
    self.trainable = trainable
    self.dtype = dtype
  }

  var config: [String: JSON] {
    ["name": .string(name), "trainable": .bool(trainable), "dtype": dtype.json]
  }
}

/// The element types that a layer computes and stores its weights in.
///
/// Keratin computes in float32. A policy of other floating-point types is kept in the configuration
/// and run in float32; a quantised one is refused.
public struct DTypePolicy: Sendable, Hashable {
  public let name: String

  public static let float32 = DTypePolicy(name: "float32")

  static let known: Set<String> = [
    "float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16",
  ]

  var json: JSON {
    [
      "module": "keras", "class_name": "DTypePolicy", "config": ["name": .string(name)],
      "registered_name": nil,
    ]
  }
}

extension LayerConfig {
  /// Reads what every layer has.
  ///
  /// - Parameter givesWholes: whether the type may be of whole numbers, which are float32 here.
  public mutating func attributes(
    givesWholes: Bool = false
  ) throws(ModelGraphError) -> LayerAttributes {
    let trainable = try bool("trainable", default: true)
    let isWhole = givesWholes && ["int32", "int64"].contains(value("dtype")?.string)
    let dtype = isWhole ? .float32 : try policy()
    return LayerAttributes(name: layerName, trainable: trainable, dtype: dtype)
  }

  /// Reads `dtype`: a name, or an object whose configuration has the name.
  private mutating func policy() throws(ModelGraphError) -> DTypePolicy {
    guard let stored = value("dtype") else { return .float32 }
    guard let name = stored.string ?? stored["config"]?["name"]?.string else {
      throw wrong("dtype", "a name or a DTypePolicy", stored)
    }
    guard DTypePolicy.known.contains(name) else {
      throw unsupported("dtype", "the dtype \"\(name)\"")
    }
    return DTypePolicy(name: name)
  }
}
