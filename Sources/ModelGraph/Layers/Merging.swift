/// Several inputs made one, element by element.
import Engine
public import KerasCheckpoint
import Tensors

/// The sum, difference, product, mean, maximum or minimum of all inputs, which broadcast together;
/// inputs of a lower rank get axes of extent 1 behind the batch.
///
/// Masks: in Keras 3 a step of the result counts where it counts in one of the inputs, if all have a
/// mask; products, maxima and minima leave out what a mask hides. In Keras 1 and 2 it counts where it
/// counts in every input that has a mask, and values are as they come.
/// Source: `keras/src/layers/merging/base_merge.py`.
public protocol MergingLayer: Layer {
  static var function: MergingFunction { get }
  var masks: MergedMasks { get set }
  init(masks: MergedMasks)
}

public enum MergingFunction: Sendable, Hashable {
  case add, subtract, multiply, average, maximum, minimum
}

/// How masks of several inputs become one.
public enum MergedMasks: Sendable, Hashable {
  /// Keras 3.
  case either
  /// Keras 1 and 2.
  case all

  init(_ dialect: Dialect) { self = dialect < .keras3 ? .all : .either }
}

public struct Add: MergingLayer {
  public static let className = "Add"
  public static let function = MergingFunction.add
  public var attributes = LayerAttributes()
  public var masks: MergedMasks
  public init(masks: MergedMasks) { self.masks = masks }
}

public struct Average: MergingLayer {
  public static let className = "Average"
  public static let function = MergingFunction.average
  public var attributes = LayerAttributes()
  public var masks: MergedMasks
  public init(masks: MergedMasks) { self.masks = masks }
}

public struct Maximum: MergingLayer {
  public static let className = "Maximum"
  public static let function = MergingFunction.maximum
  public var attributes = LayerAttributes()
  public var masks: MergedMasks
  public init(masks: MergedMasks) { self.masks = masks }
}

public struct Minimum: MergingLayer {
  public static let className = "Minimum"
  public static let function = MergingFunction.minimum
  public var attributes = LayerAttributes()
  public var masks: MergedMasks
  public init(masks: MergedMasks) { self.masks = masks }
}

public struct Multiply: MergingLayer {
  public static let className = "Multiply"
  public static let function = MergingFunction.multiply
  public var attributes = LayerAttributes()
  public var masks: MergedMasks
  public init(masks: MergedMasks) { self.masks = masks }
}

public struct Subtract: MergingLayer {
  public static let className = "Subtract"
  public static let function = MergingFunction.subtract
  public var attributes = LayerAttributes()
  public var masks: MergedMasks
  public init(masks: MergedMasks) { self.masks = masks }
}

extension MergingLayer {
  public init(name: String? = nil) {
    self.init(masks: .either)
    attributes = LayerAttributes(name: name)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    let attributes = try config.attributes()
    self.init(masks: MergedMasks(config.dialect))
    self.attributes = attributes
  }

  public var settings: [String: JSON] { [:] }

  public var isBuiltAtOnce: Bool { false }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    guard let first = inputs.first, Self.function != .subtract || inputs.count == 2 else {
      throw ModelGraphError(
        .inputCount(expected: Self.function == .subtract ? 2 : 1, found: inputs.count))
    }
    var output = first
    for input in inputs.dropFirst() {
      guard let merged = output.merged(with: input) else {
        throw ModelGraphError(
          .inputShape(expected: "a shape that broadcasts with \(output)", found: input))
      }
      output = merged
    }
    return [output]
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let rank = inputs.map(\.value.rank).max() ?? 0
    let isOfOneRank = inputs.allSatisfy { $0.value.rank == rank }
    let aligned = try inputs.map { try $0.expanded(to: rank, keepsMask: isOfOneRank) }
    let value =
      switch Self.function {
      case .add: try aligned.merged { try $0 + $1 }
      case .subtract: try aligned.merged { try $0 - $1 }
      case .average: try aligned.merged { try $0 + $1 }.scaled(by: 1 / Float(inputs.count))
      case .multiply: try masks == .either ? product(aligned) : aligned.merged { try $0 * $1 }
      case .maximum: try extremum(aligned) { try $0.maximum($1) }
      case .minimum: try extremum(aligned) { try $0.minimum($1) }
      }
    return [Signal(value, mask: try mergedMask(inputs.map(\.mask)))]
  }

  private func mergedMask(_ masks: [Value?]) throws -> Value? {
    let given = masks.compactMap { $0 }
    switch self.masks {
    case .either:
      return given.count < masks.count ? nil : try given.merged { try $0.maximum($1) }
    case .all: return given.isEmpty ? nil : try given.merged { try $0.minimum($1) }
    }
  }

  /// The product of what the masks show; 0 where each hides its input.
  private func product(_ inputs: [Signal]) throws -> Value {
    let builder = inputs[0].value.builder
    var factors: [Value] = []
    for input in inputs {
      factors.append(
        try input.wideMask()?.select(ifTrue: input.value, ifFalse: builder.constant(1))
          ?? input.value)
    }
    let product = try factors.merged { try $0 * $1 }
    let masks = try inputs.compactMap { try $0.wideMask() }
    guard masks.count == inputs.count else { return product }
    return try masks.merged { try $0.maximum($1) }
      .select(ifTrue: product, ifFalse: builder.constant(0))
  }

  /// The extremum of what the masks show, an input after the other as in Keras: where just one of two
  /// counts, it alone does.
  private func extremum(_ inputs: [Signal], _ function: (Value, Value) throws -> Value) throws
    -> Value
  {
    guard masks == .either else { return try inputs.map(\.value).merged(function) }
    var (result, shown) = (inputs[0].value, try inputs[0].wideMask())
    for input in inputs.dropFirst() {
      let mask = try input.wideMask()
      let other = try mask?.select(ifTrue: input.value, ifFalse: result) ?? input.value
      result = try shown?.select(ifTrue: result, ifFalse: other) ?? result
      if let mask, let earlier = shown {
        shown = try earlier.maximum(mask)
      } else {
        shown = nil
      }
      result = try function(result, other)
    }
    return result
  }
}

extension Signal {
  /// The mask with an axis for the features, as broadcasts with the value.
  fileprivate func wideMask() throws -> Value? {
    guard let mask, mask.rank == value.rank - 1 else { return nil }
    return try mask.reshaped(Shape(mask.shape.dimensions + [1]))
  }

  /// The value with axes of extent 1 behind the batch.
  fileprivate func expanded(to rank: Int, keepsMask: Bool) throws -> Signal {
    let extents = value.shape.dimensions
    let ones = [Int](repeating: 1, count: rank - extents.count)
    return Signal(
      try value.reshaped(Shape(extents.prefix(1) + ones + extents.dropFirst())),
      mask: keepsMask ? mask : nil)
  }
}

extension [Value] {
  /// All elements by a function of two, from the first on.
  fileprivate func merged(_ function: (Value, Value) throws -> Value) throws -> Value {
    try dropFirst().reduce(self[0], function)
  }
}

extension [Signal] {
  fileprivate func merged(_ function: (Value, Value) throws -> Value) throws -> Value {
    try map(\.value).merged(function)
  }
}

extension LayerShape {
  /// The shape of a function of both, the lower rank filled up behind the batch; nil where two
  /// extents differ and neither is 1.
  fileprivate func merged(with other: LayerShape) -> LayerShape? {
    guard rank >= other.rank else { return other.merged(with: self) }
    guard let batch = extents.first, let otherBatch = other.extents.first else { return nil }
    let ones = [Int?](repeating: 1, count: rank - other.rank)
    var merged: [Int?] = [batch ?? otherBatch]
    if let batch, let otherBatch, batch != otherBatch { return nil }
    for (one, two) in zip(extents.dropFirst(), ones + other.extents.dropFirst()) {
      switch (one, two) {
      case (nil, _), (_, nil): merged.append(nil)
      case (1, let extent), (let extent, 1): merged.append(extent)
      default:
        guard one == two else { return nil }
        merged.append(one)
      }
    }
    return LayerShape(merged)
  }
}
