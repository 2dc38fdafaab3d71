/// Features brought to mean 0 and variance 1 by what is known of the data.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = (x - mean) / max(√variance, 1e-7)` for each place along `axis`, or the inverse of that.
///
/// Weights, where mean and variance are not given: `mean`, `variance` in the extents of the axes, and
/// `count`, the number of examples that they are of; none of them is trained, here or by Keras.
/// Source: `keras/src/layers/preprocessing/normalization.py`.
public struct Normalization: SingleInputLayer {
  public static let className = "Normalization"

  public var attributes: LayerAttributes
  /// Negative ones count from the end; empty for one mean and variance of everything.
  public var axes: [Int]
  /// Mean and variance of the data, where the configuration has them.
  public var moments: Moments?
  /// Whether normalised data becomes what it was.
  public var inverts: Bool

  public struct Moments: Sendable, Hashable {
    public var mean: Numbers
    public var variance: Numbers

    public init(mean: Numbers, variance: Numbers) {
      self.mean = mean
      self.variance = variance
    }
  }

  /// Keras's epsilon, at least which the deviation is taken for.
  private static let leastDeviation: Float = 1e-7

  public init(
    axes: [Int] = [-1], moments: Moments? = nil, inverts: Bool = false, name: String? = nil
  ) {
    attributes = LayerAttributes(name: name)
    self.axes = axes
    self.moments = moments
    self.inverts = inverts
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    let isNull = config.isNull("axis")
    if let stored = config.value("axis"), stored.array?.isEmpty == true {
      axes = []
    } else {
      axes = isNull ? [] : try config.axes("axis", default: -1).numbers
    }
    let (mean, variance) = (try config.numbers("mean"), try config.numbers("variance"))
    switch (mean, variance) {
    case (let mean?, let variance?): moments = Moments(mean: mean, variance: variance)
    case (nil, nil): moments = nil
    case (nil, _): throw config.missing("mean")
    case (_, nil): throw config.missing("variance")
    }
    inverts = try config.bool("invert", default: false)
  }

  /// A single axis is no list, as Keras 3 reads none in the legacy form. Keras 2 stored numbers with axes that
  /// Keras 3 refuses.
  public var settings: [String: JSON] {
    [
      "axis": axes.count == 1 ? .int(axes[0]) : .array(axes.map(JSON.int)),
      "invert": .bool(inverts),
      "mean": moments?.mean.trimmed(to: axes.count).json ?? .null,
      "variance": moments?.variance.trimmed(to: axes.count).json ?? .null,
    ]
  }

  public var isBuiltAtOnce: Bool { false }

  public var passesMask: Bool { true }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    let places = try places(input)
    guard moments == nil else { return [] }
    var extents: [Int] = []
    for place in places { extents.append(try input.known(place)) }
    return [
      try WeightSpec("mean", extents, WeightSettings(.zeros), isTrained: false),
      try WeightSpec("variance", extents, WeightSettings(.ones), isTrained: false),
      try WeightSpec("count", [], WeightSettings(.zeros), isTrained: false),
    ]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    let places = try places(input)
    for numbers in [moments?.mean, moments?.variance].compactMap({ $0 }) {
      let trimmed = numbers.trimmed(to: places.count).extents
      let kept = places.suffix(trimmed.count).map { input[$0] }
      guard trimmed.count <= places.count,
        zip(kept, trimmed).allSatisfy({ $0 == nil || $1 == 1 || $0 == $1 })
      else {
        throw ModelGraphError(
          .inputShape(
            expected: "extents along the axes \(axes) for \(LayerShape(numbers.extents)) numbers",
            found: input))
      }
    }
    return input
  }

  /// The axes from 0, in ascending order.
  private func places(_ input: LayerShape) throws(ModelGraphError) -> [Int] {
    guard !axes.isEmpty else { return [] }
    return try Axes(axes, isList: true).places(of: input).sorted()
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let places = try places(LayerShape(input.shape.dimensions))
    let (mean, variance) = try moments(context, places.count)
    /// Under a shape that broadcasts with the input.
    func spread(_ value: Value) throws -> Value {
      var extents = [Int](repeating: 1, count: input.rank)
      for (place, extent) in zip(places.suffix(value.rank), value.shape.dimensions) {
        extents[place] = extent
      }
      return try value.reshaped(Shape(extents))
    }
    let least = try context.builder.constant(Self.leastDeviation)
    let deviation = try spread(variance).apply(.sqrt).maximum(least)
    if inverts { return try spread(mean) + input * deviation }
    return try (input - spread(mean)) / deviation
  }

  private func moments(
    _ context: LayerContext, _ rank: Int
  ) throws -> (mean: Value, variance: Value) {
    guard let moments else { return (context.weight("mean"), context.weight("variance")) }
    return (
      try moments.mean.trimmed(to: rank).value(context.builder),
      try moments.variance.trimmed(to: rank).value(context.builder)
    )
  }
}
