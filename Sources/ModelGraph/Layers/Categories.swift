/// Whole numbers as vectors of zeros and ones or of counts.
public import Engine
public import KerasCheckpoint
import Tensors

/// How numbers of categories are written, by Keras's names.
public enum CategoryOutput: String, Sendable, Hashable, CaseIterable {
  /// The numbers themselves.
  case int
  /// For each a vector of zeros with a 1 in its place.
  case oneHot = "one_hot"
  /// For all of an example one vector, with a 1 in each place that is among them.
  case multiHot = "multi_hot"
  /// For all of an example one vector, which says how many are of each.
  case count
}

/// Tokens 0 ..< `tokenCount` as vectors of that length; others leave no trace.
///
/// Shapes: one-hot `[N, 1]` or `[N]` to `[N, V]` and `[N, …, T]` to `[N, …, T, V]`; else `[N, T]` to `[N, V]`.
/// Source: `keras/src/layers/preprocessing/category_encoding.py`.
public struct CategoryEncoding: SingleInputLayer {
  public static let className = "CategoryEncoding"
  public static let legacyKeys: [String: LegacyKey] = ["max_tokens": .renamed("num_tokens")]

  public var attributes: LayerAttributes
  public var tokenCount: Int
  public var output: CategoryOutput

  /// - Precondition: the output is of vectors.
  public init(tokenCount: Int, output: CategoryOutput = .multiHot, name: String? = nil) {
    precondition(output != .int, "tokens as they are")
    attributes = LayerAttributes(name: name)
    self.tokenCount = tokenCount
    self.output = output
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes(givesWholes: true)
    tokenCount = try config.count("num_tokens")
    output = try config.categoryOutput(default: .multiHot)
    guard output != .int else {
      throw config.wrong("output_mode", "an output of vectors", "int")
    }
  }

  public var settings: [String: JSON] {
    ["num_tokens": .int(tokenCount), "output_mode": .string(output.rawValue)]
  }

  public var takesTokens: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    if output != .oneHot { try input.requireRank(2) }
    return try output.shape(input, depth: tokenCount)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try output.encoded(input.asTokens().toFloat(), depth: tokenCount)
  }
}

/// The number of the bin that a number lies in: how many of the ascending boundaries it reaches. As a number,
/// or as a `CategoryEncoding` has it.
///
/// Shapes: as they are; or as `CategoryEncoding`, multi-hot and counts along the second axis.
/// Source: `keras/src/layers/preprocessing/discretization.py`.
public struct Discretization: SingleInputLayer {
  public static let className = "Discretization"
  public static let legacyKeys: [String: LegacyKey] = ["bins": .renamed("bin_boundaries")]

  public var attributes: LayerAttributes
  public var boundaries: [Double]
  public var output: CategoryOutput
  /// How many bins there were to be, where Keras found the boundaries in data.
  public var binCount: JSON?
  /// How exact it was to be in that.
  public var epsilon: Double

  public init(boundaries: [Double], output: CategoryOutput = .int, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.boundaries = boundaries
    self.output = output
    epsilon = 0.01
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes(givesWholes: true)
    output = try config.categoryOutput(default: .int)
    binCount = config.value("num_bins")
    epsilon = try config.number("epsilon", default: 0.01)
    guard let stored = config.value("bin_boundaries") else {
      throw config.unsupported("bin_boundaries", "bins that are still to be found in data")
    }
    let numbers = (stored.array ?? []).compactMap(\.double).filter(\.isFinite)
    guard !numbers.isEmpty, numbers.count == stored.array?.count, numbers == numbers.sorted() else {
      throw config.wrong("bin_boundaries", "a list of ascending numbers", stored)
    }
    boundaries = numbers
  }

  public var settings: [String: JSON] {
    [
      "bin_boundaries": .array(boundaries.map(JSON.number)), "num_bins": binCount ?? .null,
      "epsilon": .number(epsilon), "output_mode": .string(output.rawValue), "sparse": false,
    ]
  }

  /// Keras does not take `trainable` for these, and the type by its name.
  public var config: [String: JSON] {
    var config = attributes.unknown.merging(attributes.config) { $1 }.merging(settings) { $1 }
    config["trainable"] = nil
    config["dtype"] = .string(attributes.dtype.name)
    return config
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    if output == .multiHot || output == .count { try input.requireRank(atLeast: 2) }
    return try output.shape(input, depth: boundaries.count + 1)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let bounds = try context.builder.literal(
      boundaries.map { Float($0) }, Shape([boundaries.count]))
    let reached = try input.withLastAxis().greaterOrEqual(to: bounds)
    return try output.encoded(reached.sum(axes: [-1]), depth: boundaries.count + 1)
  }
}

extension CategoryOutput {
  fileprivate func shape(
    _ input: LayerShape, depth: Int
  ) throws(ModelGraphError) -> LayerShape {
    switch self {
    case .int: return input
    case .oneHot:
      let isColumn = input.rank > 1 && input[-1] == 1
      return LayerShape((isColumn ? input.extents.dropLast() : input.extents) + [depth])
    case .multiHot, .count:
      return LayerShape(input.extents.prefix(1) + input.extents.dropFirst(2) + [depth])
    }
  }

  /// - Parameter numbers: whole numbers as float32.
  fileprivate func encoded(_ numbers: Value, depth: Int) throws -> Value {
    guard self != .int else { return numbers }
    let isColumn = numbers.rank > 1 && numbers.shape[numbers.rank - 1] == 1
    let each =
      self == .oneHot && isColumn
      ? try numbers.reshaped(Shape(Array(numbers.shape.dimensions.dropLast()))) : numbers
    let places = try numbers.builder.literal((0..<depth).map { Float($0) }, Shape([depth]))
    let vectors = try each.withLastAxis().equal(to: places)
    return switch self {
    case .int, .oneHot: vectors
    case .multiHot: try vectors.max(axes: [1])
    case .count: try vectors.sum(axes: [1])
    }
  }
}

extension Value {
  /// The same with an axis of extent 1 behind the others.
  fileprivate func withLastAxis() throws(EngineError) -> Value {
    try reshaped(Shape(shape.dimensions + [1]))
  }
}

extension LayerConfig {
  /// Reads `output_mode`, which could be "binary" for multi-hot; and refuses sparse results.
  fileprivate mutating func categoryOutput(
    default standard: CategoryOutput
  ) throws(ModelGraphError) -> CategoryOutput {
    if try bool("sparse", default: false) { throw unsupported("sparse", "a sparse result") }
    if value("output_mode") == "binary" { return .multiHot }
    return try choice("output_mode", default: standard)
  }
}
