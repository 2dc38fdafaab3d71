/// The same features at several steps.
public import Engine
public import KerasCheckpoint
import Tensors

/// `[N, D]` to `[N, n, D]`. Source: `keras/src/layers/reshaping/repeat_vector.py`.
public struct RepeatVector: SingleInputLayer {
  public static let className = "RepeatVector"

  public var attributes: LayerAttributes
  public var n: Int

  public init(_ n: Int, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.n = n
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    n = try config.count("n")
  }

  public var settings: [String: JSON] { ["n": .int(n)] }

  public var isBuiltAtOnce: Bool { false }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(2)
    return [input[0], n, input[1]]
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let (batch, width) = (input.shape[0], input.shape[1])
    return try input.reshaped([batch, 1, width]).broadcast(to: [batch, n, width])
  }
}
