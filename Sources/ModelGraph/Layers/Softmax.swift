/// Probabilities along an axis.
public import Engine
public import KerasCheckpoint
import Tensors

/// `yᵢ = e^{xᵢ} / Σⱼ e^{xⱼ}` along the axes, over what the mask shows where there is one; what it hides
/// gets 0. In Keras 2 it does so only while it shows something: where all is hidden, all are equal.
///
/// Source: `keras/src/layers/activations/softmax.py`.
public struct Softmax: FunctionLayer {
  public static let className = "Softmax"

  public var attributes: LayerAttributes
  /// One axis or more.
  public var axes: [Int]
  private var isList = false
  private var zeroesHidden = true

  public init(axis: Int = -1, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    axes = [axis]
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    if let stored = config.value("axis"), let list = stored.array {
      axes = list.compactMap(\.int)
      isList = true
      guard !axes.isEmpty, axes.count == list.count else {
        throw config.wrong("axis", "a whole number or a list of some", stored)
      }
    } else {
      axes = [try config.integer("axis", default: -1)]
    }
    // Only how the hidden are kept from counting.
    config.ignore("robust_masking")
    zeroesHidden = config.dialect >= .keras3
  }

  public var settings: [String: JSON] {
    ["axis": isList ? .array(axes.map(JSON.int)) : .int(axes[0])]
  }

  public var function: Activation.Function { .softmax(axis: axes[0]) }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    for axis in axes { _ = try input.place(of: axis) }
    return input
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let input = try inputs.single()
    guard let mask = input.mask else { return [Signal(try call(input.value, context))] }
    let shown = try mask.select(ifTrue: input.value, ifFalse: context.builder.constant(-1e9))
    guard shown.shape == input.value.shape else {
      throw ModelGraphError(
        .inputShape(
          expected: "a mask that broadcasts to the input",
          found: LayerShape(mask.shape.dimensions)))
    }
    var output = try call(shown, context)
    if zeroesHidden {
      output = try mask.select(ifTrue: output, ifFalse: context.builder.constant(0))
    }
    return [Signal(output, mask: mask)]
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard axes.count > 1 else { return try input.softmax(axis: axes[0]) }
    let exponentials = try (input - input.max(axes: axes, keepDims: true)).apply(.exp)
    return try exponentials / exponentials.sum(axes: axes, keepDims: true)
  }
}
