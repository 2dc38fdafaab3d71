/// Random silence of a whole branch in training, as ConvNeXt has it.
public import Engine
public import KerasCheckpoint

/// In training an example is 0 with probability `rate` and else divided by `1 - rate`; in inference
/// nothing changes.
///
/// Source: `keras/src/applications/convnext.py`; Huang et al. 2016, arXiv:1603.09382.
public struct StochasticDepth: SingleInputLayer {
  public static let className = "StochasticDepth"
  public static let module = "keras.src.applications.convnext"

  public var attributes: LayerAttributes
  public var rate: Double

  public init(_ rate: Double, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.rate = rate
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    rate = try config.rate("drop_path_rate")
  }

  public var settings: [String: JSON] { ["drop_path_rate": .number(rate)] }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape { input }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .training, rate > 0 else { return input }
    return try input.dropout(
      rate: Float(rate), stream: context.stream, sharedAxes: Array(1..<max(1, input.rank)))
  }
}
