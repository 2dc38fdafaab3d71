/// A layer whose kernel is held at a spectral norm of 1 in training.
import Engine
public import KerasCheckpoint
import Tensors

/// What the wrapped layer gives. Before each call in training its kernel, as a matrix `W` whose columns are
/// the last axis, is divided by an estimate of its greatest singular value, and the estimate gets better:
///
///     v = u · Wᵀ / |u · Wᵀ|,   u = v · W / |v · W|   as often as `powerIterations` says,
///     σ = v · W · uᵀ
///
/// The gradient is that of the divided kernel, which is what the optimizer changes. A kernel of zeros
/// stays.
///
/// Weights: those of the layer after its name, and not trained `vector_u` `[1, H]`, which stands behind the
/// kernel where nothing is trained.
/// Source: `keras/src/layers/normalization/spectral_normalization.py`; Miyato et al. 2018,
/// arXiv:1802.05957.
public struct SpectralNormalization: Layer {
  public static let className = "SpectralNormalization"

  public var attributes: LayerAttributes
  public private(set) var layer: any Layer
  public var powerIterations: Int

  public init(
    _ layer: any Layer, powerIterations: Int = 1, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    self.layer = layer
    self.powerIterations = powerIterations
    if layer.name.isEmpty { self.layer.name = LayerNames.snakeCase(type(of: layer).className) }
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    guard let layer = try config.layer("layer") else { throw config.missing("layer") }
    self.layer = layer
    powerIterations = try config.count("power_iterations", default: 1)
  }

  public var settings: [String: JSON] {
    ["layer": layer.entry(.complete), "power_iterations": .int(powerIterations)]
  }

  public var wrapped: [any Layer] { [layer] }
  public var takesTokens: Bool { layer.takesTokens }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    let specs = try layer.weights(inputs)
    guard let place = specs.firstIndex(where: { $0.name == Self.kernel(of: specs) }) else {
      throw ModelGraphError(
        .unsupportedOption(value: "a layer without a kernel, \(type(of: layer).className),"))
    }
    let settings = WeightSettings(.truncatedNormal(deviation: 0.02))
    let shape = specs[place].shape
    let vector = try WeightSpec(
      "vector_u", [1, shape[shape.rank - 1]], settings, isTrained: false)
    var inner = specs.map { $0.inside(layer) }
    let kernel = inner.remove(at: place)
    return [kernel, vector] + inner
  }

  /// The name of the weight that is divided.
  private static func kernel(of specs: [WeightSpec]) -> String? {
    ["kernel", "embeddings"].first { name in specs.contains { $0.name == name } }
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    try layer.outputShapes(inputs)
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    var context = context
    if context.mode == .training {
      let shapes = inputs.map { LayerShape($0.value.shape.dimensions) }
      if let name = Self.kernel(of: try layer.weights(shapes)) {
        try normalize("\(layer.name)/\(name)", &context)
      }
    }
    return try layer.call(inputs, context.inside(layer, place: 0))
  }

  private func normalize(_ name: String, _ context: inout LayerContext) throws {
    let kernel = context.weight(name)
    let columns = kernel.shape[kernel.rank - 1]
    let matrix = try kernel.reshaped([kernel.shape.count / columns, columns])
    let first = context.weight("vector_u")
    var (u, v) = (first, first)
    for _ in 0..<powerIterations {
      v = try u.matmul(matrix, transposeB: true).unit()
      u = try v.matmul(matrix).unit()
    }
    let sigma = try v.matmul(matrix).matmul(u, transposeB: true).reshaped([])
    let isNotZero = try kernel.apply(.abs).max(axes: Array(0..<kernel.rank))
    context.update("vector_u", to: try isNotZero.select(ifTrue: u, ifFalse: first))
    context.assign(name, to: try isNotZero.select(ifTrue: kernel / sigma, ifFalse: kernel))
  }
}

extension Value {
  /// The vector with a length of 1; one shorter than 1e-7 is divided by that.
  fileprivate func unit() throws -> Value {
    let squares = try apply(.square).sum(axes: Array(0..<rank))
    return try self * squares.maximum(builder.constant(1e-14)).apply(.rsqrt)
  }
}
