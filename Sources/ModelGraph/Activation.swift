/// Keras's activation functions, by name or as an object with parameters.
public import KerasCheckpoint

/// An activation: what it computes, and how a configuration writes it.
///
///     Dense(128, activation: .relu)
///     Conv1D(filters: 64, kernelSize: 3, activation: .leakyReLU(negativeSlope: 0.1))
///
/// Source: `keras/src/activations/activations.py`.
public struct Activation: Sendable, Hashable {
  /// What it computes; nil for a function that is not one of Keras's.
  public let function: Function?
  /// How the configuration has it: a name, or an object.
  public let json: JSON

  /// The function with its parameters.
  public enum Function: Sendable, Hashable {
    case linear
    case relu(negativeSlope: Double, maximum: Double?, threshold: Double)
    case elu(alpha: Double)
    case celu(alpha: Double)
    case selu
    case gelu(approximate: Bool)
    case sigmoid, tanh, exponential
    /// Keras 3: `relu6(x + 3) / 6`.
    case hardSigmoid
    /// Keras 1 and 2: `clip(0.2x + 0.5, 0, 1)`.
    case hardSigmoidKeras2
    case silu, hardSilu, mish
    case softplus, softsign, squareplus
    case softShrink, hardShrink, tanhShrink, hardTanh
    case sparsePlus, sparseSigmoid, logSigmoid
    case softmax(axis: Int)
    case logSoftmax, sparsemax
    case glu
  }

  init(_ function: Function?, _ json: JSON) {
    self.function = function
    self.json = json
  }

  /// Reads an activation: a name, Keras 3's object for a function, or a layer used as a function.
  init(json: JSON, dialect: Dialect) {
    if let name = json.string ?? Self.functionName(json) {
      self.init(Self.named(name, dialect), json)
    } else {
      self.init(Self.layerFunction(json, dialect), json)
    }
  }

  /// `{"module": "builtins", "class_name": "function", "config": "relu"}`
  private static func functionName(_ json: JSON) -> String? {
    json["class_name"]?.string == "function" ? json["config"]?.string : nil
  }

  private static func named(_ name: String, _ dialect: Dialect) -> Function? {
    if name == "hard_sigmoid", dialect < .keras3 { return .hardSigmoidKeras2 }
    return functions[name]
  }

  /// A layer without weights in the place of a function.
  private static func layerFunction(_ json: JSON, _ dialect: Dialect = .keras3) -> Function? {
    guard let className = json["class_name"]?.string,
      let layer = Catalogue.layer(className) as? any FunctionLayer.Type
    else { return nil }
    var config = LayerConfig(
      className: className, layerName: "", values: json["config"]?.object ?? [:],
      dialect: dialect, legacyKeys: layer.legacyKeys)
    return try? layer.init(config: &config).function
  }

  /// What is shown in a message.
  public var name: String {
    json.string ?? Self.functionName(json) ?? json["class_name"]?.string ?? json.kindName
  }
}

extension Activation {
  /// Every name that Keras knows. `threshold` has parameters without defaults and no name alone.
  static let functions: [String: Function] = [
    "linear": .linear,
    "relu": .relu(negativeSlope: 0, maximum: nil, threshold: 0),
    "leaky_relu": .relu(negativeSlope: 0.2, maximum: nil, threshold: 0),
    "relu6": .relu(negativeSlope: 0, maximum: 6, threshold: 0),
    "elu": .elu(alpha: 1),
    "celu": .celu(alpha: 1),
    "selu": .selu,
    "gelu": .gelu(approximate: false),
    "sigmoid": .sigmoid,
    "tanh": .tanh,
    "exponential": .exponential,
    "hard_sigmoid": .hardSigmoid,
    "silu": .silu,
    "swish": .silu,
    "hard_silu": .hardSilu,
    "hard_swish": .hardSilu,
    "mish": .mish,
    "softplus": .softplus,
    "softsign": .softsign,
    "squareplus": .squareplus,
    "soft_shrink": .softShrink,
    "hard_shrink": .hardShrink,
    "tanh_shrink": .tanhShrink,
    "hard_tanh": .hardTanh,
    "sparse_plus": .sparsePlus,
    "sparse_sigmoid": .sparseSigmoid,
    "log_sigmoid": .logSigmoid,
    "softmax": .softmax(axis: -1),
    // TensorFlow 2.0 to 2.2 wrote softmax so.
    "softmax_v2": .softmax(axis: -1),
    "log_softmax": .logSoftmax,
    "sparsemax": .sparsemax,
    "glu": .glu,
  ]

  /// `hard_sigmoid` as Keras 1 and 2 have it. Its name is the same, so a configuration that is
  /// written for Keras 3 means another function.
  public static let hardSigmoidKeras2 = Activation(.hardSigmoidKeras2, .string("hard_sigmoid"))

  private static func keras(_ name: String) -> Activation {
    Activation(functions[name], .string(name))
  }

  public static let linear = keras("linear")
  public static let relu = keras("relu")
  public static let relu6 = keras("relu6")
  public static let leakyReLU = keras("leaky_relu")
  public static let elu = keras("elu")
  public static let celu = keras("celu")
  public static let selu = keras("selu")
  public static let gelu = keras("gelu")
  public static let sigmoid = keras("sigmoid")
  public static let tanh = keras("tanh")
  public static let exponential = keras("exponential")
  public static let hardSigmoid = keras("hard_sigmoid")
  public static let silu = keras("silu")
  public static let swish = keras("silu")
  public static let hardSilu = keras("hard_silu")
  public static let mish = keras("mish")
  public static let softplus = keras("softplus")
  public static let softsign = keras("softsign")
  public static let squareplus = keras("squareplus")
  public static let softShrink = keras("soft_shrink")
  public static let hardShrink = keras("hard_shrink")
  public static let tanhShrink = keras("tanh_shrink")
  public static let hardTanh = keras("hard_tanh")
  public static let sparsePlus = keras("sparse_plus")
  public static let sparseSigmoid = keras("sparse_sigmoid")
  public static let logSigmoid = keras("log_sigmoid")
  public static let softmax = keras("softmax")
  public static let logSoftmax = keras("log_softmax")
  public static let sparsemax = keras("sparsemax")
  public static let glu = keras("glu")

  /// The layer `ReLU` as a function.
  public static func relu(
    maximum: Double?, negativeSlope: Double = 0, threshold: Double = 0
  ) -> Activation {
    layer(
      "ReLU", "re_lu",
      [
        "max_value": maximum.map(JSON.number) ?? .null,
        "negative_slope": .number(negativeSlope), "threshold": .number(threshold),
      ])
  }

  /// The layer `LeakyReLU` as a function.
  public static func leakyReLU(negativeSlope: Double) -> Activation {
    layer("LeakyReLU", "leaky_re_lu", ["negative_slope": .number(negativeSlope)])
  }

  /// The layer `ELU` as a function.
  public static func elu(alpha: Double) -> Activation {
    layer("ELU", "elu", ["alpha": .number(alpha)])
  }

  private static func layer(
    _ className: String, _ name: String, _ settings: [String: JSON]
  ) -> Activation {
    let config = LayerAttributes(name: name).config.merging(settings) { $1 }
    let json: JSON = [
      "module": "keras.layers", "class_name": .string(className), "config": .object(config),
      "registered_name": nil,
    ]
    return Activation(layerFunction(json), json)
  }
}

extension LayerConfig {
  /// Reads an activation; a function that is not one of Keras's makes the layer unsupported.
  public mutating func activation(
    _ key: String, default standard: Activation? = nil
  ) throws(ModelGraphError) -> Activation {
    guard let value = value(key) else { return try given(standard, key) }
    let activation = Activation(json: value, dialect: dialect)
    guard activation.function != nil else {
      throw unsupported(key, "the activation \"\(activation.name)\"")
    }
    return activation
  }
}
