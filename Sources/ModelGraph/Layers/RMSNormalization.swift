/// Features of each example brought to a mean square of 1.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y = scale · x / √(mean of x² + epsilon)`, the mean being that of each example along `axes`.
///
/// Weight, as long as the axes: `scale`. A mask ends here.
/// Source: `keras/src/layers/normalization/rms_normalization.py`; Zhang and Sennrich 2019,
/// arXiv:1910.07467.
public struct RMSNormalization: SingleInputLayer {
  public static let className = "RMSNormalization"

  public var attributes: LayerAttributes
  public var axes: Axes
  public var epsilon: Double

  public init(axis: Axes = -1, epsilon: Double = 1e-6, name: String? = nil, trainable: Bool = true)
  {
    attributes = LayerAttributes(name: name, trainable: trainable)
    axes = axis
    self.epsilon = epsilon
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    axes = try config.sortedAxes("axis", default: -1)
    epsilon = try config.number("epsilon", default: 1e-6)
  }

  public var settings: [String: JSON] { ["axis": axes.json, "epsilon": .number(epsilon)] }

  public var isBuiltAtOnce: Bool { false }

  public func weights(_ input: LayerShape) throws(ModelGraphError) -> [WeightSpec] {
    [try WeightSpec("scale", try axes.extents(of: input), WeightSettings(.ones))]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    _ = try axes.places(of: input)
    return input
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let places = try axes.places(of: LayerShape(input.shape.dimensions))
    let scale = context.weight("scale")
    let isLast = places == Array(input.rank - places.count..<input.rank)
    let output = try input.asRows(along: places) { rows in
      let width: Shape = [rows.shape[1]]
      return try rows.rowsNormalized(
        gamma: isLast ? scale.reshaped(width) : context.builder.constant(1, width),
        beta: context.builder.constant(0, width), epsilon: Float(epsilon), centers: false)
    }
    // Keras gives the scale no axes of its own: it belongs to the last ones whichever are named.
    return isLast ? output : try output * scale
  }
}
