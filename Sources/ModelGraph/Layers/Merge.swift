/// The cosine between two inputs' vectors.
import Engine
public import KerasCheckpoint
import Tensors

/// `y = Σₖ x[k] · z[k] / max(√(Σₖ x[k]² · Σₖ z[k]²), 1e-7)`.
///
/// Shapes: two `[N, D]` to `[N, 1, 1]`. Keras 1's `Merge` had this among its modes; all others are layers of
/// their own, which stand in its place once a model is read. Of more axes its formula divided matrices of
/// different vectors by each other, which is refused. A mask ends here.
/// Source: `Merge` in `keras/engine/topology.py` of Keras 1.2.2.
public struct Merge: Layer {
  public static let className = "Merge"

  public var attributes: LayerAttributes

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    let mode = config.value("mode") ?? .null
    guard mode == "cos" else { throw config.unsupported("mode", "the mode \(mode.text)") }
    let axes = config.value("dot_axes") ?? -1
    guard axes == -1 || axes == 1 || axes == [1, 1] || axes == [-1, -1] else {
      throw config.unsupported("dot_axes", "cosines along the axes \(axes.text)")
    }
  }

  public var settings: [String: JSON] { ["mode": "cos", "dot_axes": [1, 1]] }

  public var isBuiltAtOnce: Bool { false }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    guard inputs.count == 2 else {
      throw ModelGraphError(.inputCount(expected: 2, found: inputs.count))
    }
    for input in inputs { try input.requireRank(2) }
    guard inputs[0].admits(inputs[1]) else {
      throw ModelGraphError(.inputShape(expected: "shape \(inputs[0])", found: inputs[1]))
    }
    return [[inputs[0][0], 1, 1]]
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let (x, z) = (inputs[0].value, inputs[1].value)
    func product(_ a: Value, _ b: Value) throws -> Value { try (a * b).sum(axes: [1]) }
    // 1e-7 at least, of which this is the square.
    let squares = try (product(x, x) * product(z, z)).maximum(context.builder.constant(1e-14))
    let cosine = try product(x, z) * squares.apply(.rsqrt)
    return [Signal(try cosine.reshaped([x.shape[0], 1, 1]))]
  }
}
