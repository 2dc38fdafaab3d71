/// Vectors of length 1.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = x / √(Σ x²)`, the sum being that of each example along `axes`. A shorter vector than 1e-12, in
/// Keras 2 than 1e-6, is divided by that.
///
/// Source: `keras/src/layers/normalization/unit_normalization.py`.
public struct UnitNormalization: SingleInputLayer {
  public static let className = "UnitNormalization"

  public var attributes: LayerAttributes
  public var axes: Axes
  /// The square of the least length that counts.
  private var leastSquare: Float = 1e-24

  public init(axis: Axes = -1, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    axes = axis
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    axes = try config.axes("axis", default: -1)
    if config.dialect < .keras3 { leastSquare = 1e-12 }
  }

  public var settings: [String: JSON] { ["axis": axes.json] }

  public var passesMask: Bool { true }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    _ = try axes.places(of: input)
    return input
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let places = try axes.places(of: LayerShape(input.shape.dimensions))
    let squares = try input.apply(.square).sum(axes: places, keepDims: true)
    return try input * squares.maximum(context.builder.constant(leastSquare)).apply(.rsqrt)
  }
}
