/// Several inputs one behind the other.
import Engine
public import KerasCheckpoint
import Tensors

/// The inputs side by side along `axis`, equal in all other extents.
///
/// Masks go side by side as well, with every step of an input without one; where features are joined,
/// a step counts in Keras 3 if it counts in one of the inputs, in Keras 1 and 2 if it does in all.
/// Source: `keras/src/layers/merging/concatenate.py`.
public struct Concatenate: Layer {
  public static let className = "Concatenate"
  public static let legacyKeys: [String: LegacyKey] = ["concat_axis": .renamed("axis")]

  public var attributes: LayerAttributes
  public var axis: Int
  public var masks: MergedMasks

  public init(axis: Int = -1, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.axis = axis
    masks = .either
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    axis = try config.integer("axis", default: -1)
    masks = MergedMasks(config.dialect)
  }

  public var settings: [String: JSON] { ["axis": .int(axis)] }

  public var isBuiltAtOnce: Bool { false }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    guard var output = inputs.first else {
      throw ModelGraphError(.inputCount(expected: 1, found: 0))
    }
    let place = try output.place(of: axis)
    for input in inputs.dropFirst() {
      var others = input
      if input.rank == output.rank { others[place] = output[place] }
      guard output.admits(others) else {
        throw ModelGraphError(
          .inputShape(expected: "\(output) but for axis \(axis)", found: input))
      }
      for axis in output.extents.indices { output[axis] = output[axis] ?? others[axis] }
      output[place] = try sum(output[place], input[place])
    }
    return [output]
  }

  private func sum(_ one: Int?, _ two: Int?) throws(ModelGraphError) -> Int? {
    guard let one, let two else { return nil }
    let (sum, overflow) = one.addingReportingOverflow(two)
    guard !overflow, sum <= LayerConfig.countLimit else {
      throw ModelGraphError(.tooLarge(what: "an axis of \(one) and \(two)"))
    }
    return sum
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let values = inputs.map(\.value)
    let value = try values[0].concatenated(with: Array(values.dropFirst()), axis: axis)
    return [Signal(value, mask: try mask(inputs))]
  }

  /// One number for each element, joined as the elements are, then one for each step.
  private func mask(_ inputs: [Signal]) throws -> Value? {
    guard inputs.contains(where: { $0.mask != nil }) else { return nil }
    let wide = try inputs.map { input in
      let shape = input.value.shape
      guard let mask = input.mask else { return try input.value.builder.constant(1, shape) }
      return mask.rank == shape.rank
        ? mask : try mask.reshaped(Shape(mask.shape.dimensions + [1])).broadcast(to: shape)
    }
    let joined = try wide[0].concatenated(with: Array(wide.dropFirst()), axis: axis)
    switch masks {
    case .either: return try joined.max(axes: [-1])
    case .all:
      let isMissing = try joined.apply(.affine(scale: -1, offset: 1)).max(axes: [-1])
      return try isMissing.apply(.affine(scale: -1, offset: 1))
    }
  }
}
