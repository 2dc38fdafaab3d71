/// Values brought to another range.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = x · scale + offset`, each a number or an array that broadcasts with the last axes of x.
///
/// Source: `keras/src/layers/preprocessing/rescaling.py`.
public struct Rescaling: SingleInputLayer {
  public static let className = "Rescaling"

  public var attributes: LayerAttributes
  public var scale: Numbers
  public var offset: Numbers

  public init(_ scale: Double, offset: Double = 0, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.scale = Numbers(scale)
    self.offset = Numbers(offset)
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    scale = try config.given(try config.numbers("scale"), "scale")
    offset = try config.numbers("offset") ?? Numbers(0)
  }

  public var settings: [String: JSON] { ["scale": scale.json, "offset": offset.json] }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    for numbers in [scale, offset] where !numbers.extents.isEmpty {
      // An array may not make more of the input than it is.
      let tail = input.extents.suffix(numbers.extents.count)
      guard numbers.extents.count <= input.rank,
        zip(tail, numbers.extents).allSatisfy({ $0 == nil || $1 == 1 || $0 == $1 })
      else {
        throw ModelGraphError(
          .inputShape(
            expected: "last extents that broadcast with \(LayerShape(numbers.extents))",
            found: input))
      }
    }
    return input
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    if scale.extents.isEmpty, offset.extents.isEmpty {
      return try input.apply(
        .affine(scale: Float(scale.values[0]), offset: Float(offset.values[0])))
    }
    return try input * scale.value(context.builder) + offset.value(context.builder)
  }
}
