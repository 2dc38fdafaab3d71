/// The products of two inputs' vectors.
import Engine
public import KerasCheckpoint
import Tensors

/// `z[…, …′] = Σₖ x[…, k] · y[…′, k]` for each example, k going along one axis of either; with
/// `normalize` the vectors have length 1 before, so that it is the cosine between them.
///
/// Shapes: `[N, A, K]` and `[N, K, B]` to `[N, A, B]` with `axes` `(2, 1)`; `[N, K]` and `[N, K]` to
/// `[N, 1]`. A mask ends here. Source: `keras/src/layers/merging/dot.py`.
public struct Dot: Layer {
  public static let className = "Dot"

  public var attributes: LayerAttributes
  /// One axis for both inputs, or one for each; negative ones count from the end.
  public var axes: [Int]
  public var normalize: Bool

  /// - Precondition: there are one or two axes.
  public init(axes: [Int] = [-1], normalize: Bool = false, name: String? = nil) {
    precondition((1...2).contains(axes.count), "an axis for both inputs, or one for each")
    attributes = LayerAttributes(name: name)
    self.axes = axes
    self.normalize = normalize
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    if let list = config.value("axes"), let axes = list.array {
      let numbers = axes.compactMap(\.int)
      guard axes.count == 2, numbers.count == 2 else {
        throw config.wrong("axes", "a whole number or two", list)
      }
      self.axes = numbers
    } else {
      axes = [try config.integer("axes")]
    }
    normalize = try config.bool("normalize", default: false)
  }

  public var settings: [String: JSON] {
    [
      "axes": axes.count == 1 ? .int(axes[0]) : .array(axes.map(JSON.int)),
      "normalize": .bool(normalize),
    ]
  }

  public var isBuiltAtOnce: Bool { false }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    var (x, y) = try pair(inputs)
    let (a, b) = try places(x, y)
    guard let one = x[a], let two = y[b] else { return [try rest(&x, a, &y, b)] }
    guard one == two else {
      throw ModelGraphError(.inputShape(expected: "\(one) along axis \(b)", found: y))
    }
    return [try rest(&x, a, &y, b)]
  }

  private func pair(_ inputs: [LayerShape]) throws(ModelGraphError) -> (LayerShape, LayerShape) {
    guard inputs.count == 2 else {
      throw ModelGraphError(.inputCount(expected: 2, found: inputs.count))
    }
    for input in inputs { try input.requireRank(atLeast: 2) }
    return (inputs[0], inputs[1])
  }

  private func places(
    _ x: LayerShape, _ y: LayerShape
  ) throws(ModelGraphError) -> (x: Int, y: Int) {
    let places = (try x.place(of: axes[0]), try y.place(of: axes[axes.count - 1]))
    guard places.0 > 0, places.1 > 0 else {
      throw ModelGraphError(.unsupportedOption(value: "a product along the batch"))
    }
    return places
  }

  /// The axes that are left of both.
  private func rest(
    _ x: inout LayerShape, _ a: Int, _ y: inout LayerShape, _ b: Int
  ) throws(ModelGraphError) -> LayerShape {
    x.extents.remove(at: a)
    y.extents.remove(at: b)
    let extents = x.extents + y.extents.dropFirst()
    return LayerShape(extents.count == 1 ? extents + [1] : extents)
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let (x, y) = (inputs[0].value, inputs[1].value)
    let (a, b) = try places(
      LayerShape(x.shape.dimensions), LayerShape(y.shape.dimensions))
    let (left, right) = (try rows(x, along: a), try rows(y, along: b))
    let product = try left.batchMatmul(right, transposeB: true)
    var extents = x.shape.dimensions
    extents.remove(at: a)
    var others = y.shape.dimensions
    others.remove(at: b)
    extents += others.dropFirst()
    return [Signal(try product.reshaped(Shape(extents.count == 1 ? extents + [1] : extents)))]
  }

  /// The vectors along an axis as rows, `[N, …, K]` as `[N, R, K]`.
  private func rows(_ x: Value, along axis: Int) throws -> Value {
    let last = try x.moving(axis: axis, toEnd: true)
    let count = last.shape.dimensions.dropFirst().dropLast().reduce(1, *)
    let rows = try last.reshaped([x.shape[0], count, x.shape[axis]])
    guard normalize else { return rows }
    // Vectors shorter than 1e-7 are divided by that.
    let squares = try rows.apply(.square).sum(axes: [2], keepDims: true)
    return try rows * squares.maximum(x.builder.constant(1e-14)).apply(.rsqrt)
  }
}
