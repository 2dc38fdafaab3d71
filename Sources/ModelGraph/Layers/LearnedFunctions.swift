/// Activation functions of Keras 1 whose parameters are learned.
public import Engine
public import KerasCheckpoint

/// A function of single elements with parameters for each place of an example.
///
/// Weights: each parameter in the shape of an example, with an extent of 1 along `shared_axes`. Keras 1 alone
/// has them. Source: `keras/layers/advanced_activations.py` of Keras 1.2.2.
public protocol LearnedFunctionLayer: SingleInputLayer {
  /// The names of the parameters.
  static var parameters: [String] { get }
  /// What each parameter starts as.
  var initializers: [Initializer] { get set }
  /// Axes along which all places have one parameter, the batch being axis 0.
  var sharedAxes: [Int] { get set }
  init(initializers: [Initializer], sharedAxes: [Int])
  /// How the configuration has the start of a parameter.
  static func initializer(_ config: inout LayerConfig, _ key: String) throws(ModelGraphError)
    -> Initializer
  static func json(_ initializer: Initializer) -> JSON
  static func function(_ x: Value, _ parameters: [Value]) throws -> Value
}

/// `alpha · log(1 + exp(beta · x))`. Source: McFarland et al. 2013, doi:10.1371/journal.pcbi.1003143.
public struct ParametricSoftplus: LearnedFunctionLayer {
  public static let className = "ParametricSoftplus"
  public static let parameters = ["alpha", "beta"]
  public var attributes = LayerAttributes()
  public var initializers: [Initializer]
  public var sharedAxes: [Int]
  public init(initializers: [Initializer], sharedAxes: [Int]) {
    self.initializers = initializers
    self.sharedAxes = sharedAxes
  }

  /// A number that all start from.
  public static func initializer(
    _ config: inout LayerConfig, _ key: String
  ) throws(ModelGraphError) -> Initializer {
    .constant(try config.number(key, default: key == "alpha_init" ? 0.2 : 5))
  }

  public static func json(_ initializer: Initializer) -> JSON {
    if case .constant(let value) = initializer.rule { .number(value) } else { .null }
  }

  public static func function(_ x: Value, _ parameters: [Value]) throws -> Value {
    try (parameters[1] * x).apply(.softplus) * parameters[0]
  }
}

/// x between two thresholds, `t + a · (x - t)` outside: with `t_left` and `a_left` below, with `t_left +
/// |t_right|` and `a_right` above. Source: Jin et al. 2015, arXiv:1512.07030.
public struct SReLU: LearnedFunctionLayer {
  public static let className = "SReLU"
  public static let parameters = ["t_left", "a_left", "t_right", "a_right"]
  public var attributes = LayerAttributes()
  public var initializers: [Initializer]
  public var sharedAxes: [Int]
  public init(initializers: [Initializer], sharedAxes: [Int]) {
    self.initializers = initializers
    self.sharedAxes = sharedAxes
  }

  public static func initializer(
    _ config: inout LayerConfig, _ key: String
  ) throws(ModelGraphError) -> Initializer {
    let standard: Initializer =
      switch key {
      case "t_left_init": .zeros
      case "a_right_init": .ones
      default: .glorotUniform
      }
    return try config.initializer(key, default: standard)
  }

  public static func json(_ initializer: Initializer) -> JSON { initializer.json }

  public static func function(_ x: Value, _ parameters: [Value]) throws -> Value {
    let (left, right) = (parameters[0], parameters[2])
    let width = try right.apply(.abs)
    let beyond = try x - left
    // Keras's leaky relu of what x exceeds the left threshold by, no more than the width between.
    let centre = try beyond.apply(.relu()).minimum(width)
    let below = try (-beyond).apply(.relu()) * parameters[1]
    let above = try (beyond - width).apply(.relu()) * parameters[3]
    return try left + centre - below + above
  }
}

extension LearnedFunctionLayer {
  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    var initializers: [Initializer] = []
    for parameter in Self.parameters {
      initializers.append(try Self.initializer(&config, "\(parameter)_init"))
    }
    var axes: [Int] = []
    if let stored = config.value("shared_axes") {
      let list = (stored.array ?? [stored]).filter { !$0.isNull }
      axes = list.compactMap(\.int)
      guard axes.count == list.count else {
        throw config.wrong("shared_axes", "a list of whole numbers", stored)
      }
    }
    self.init(initializers: initializers, sharedAxes: axes)
    self.attributes = attributes
  }

  public var settings: [String: JSON] {
    var settings: [String: JSON] = [:]
    for (name, initializer) in zip(Self.parameters, initializers) {
      settings["\(name)_init"] = Self.json(initializer)
    }
    settings["shared_axes"] = sharedAxes.isEmpty ? .null : .array(sharedAxes.map(JSON.int))
    return settings
  }

  public var isBuiltAtOnce: Bool { false }
  public var passesMask: Bool { true }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    try input.requireRank(atLeast: 2)
    guard sharedAxes.allSatisfy({ (1..<input.rank).contains($0) }) else {
      throw ModelGraphError(.inputShape(expected: "the shared axes \(sharedAxes)", found: input))
    }
    var extents: [Int] = []
    for axis in 1..<input.rank {
      extents.append(sharedAxes.contains(axis) ? 1 : try input.known(axis))
    }
    var specs: [WeightSpec] = []
    for (name, initializer) in zip(Self.parameters, initializers) {
      specs.append(try WeightSpec(name, extents, WeightSettings(initializer)))
    }
    return specs
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try Self.function(input, Self.parameters.map { context.weight($0) })
  }
}
