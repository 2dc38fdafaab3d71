/// Steps of one value as padding.
public import Engine
public import KerasCheckpoint

/// A step whose features are all `maskValue` does not count: it becomes 0, and a mask goes with the
/// result.
///
/// Shapes: `[N, T, D]`, with a mask `[N, T]`. Source: `keras/src/layers/core/masking.py`.
public struct Masking: SingleInputLayer {
  public static let className = "Masking"

  public var attributes: LayerAttributes
  public var maskValue: Double

  public init(maskValue: Double = 0, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.maskValue = maskValue
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    maskValue = try config.number("mask_value", default: 0)
  }

  public var settings: [String: JSON] { ["mask_value": .number(maskValue)] }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(atLeast: 2)
    return input
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let input = try inputs.single().value
    let mask = try shown(input)
    let output = try mask.select(ifTrue: input, ifFalse: context.builder.constant(0))
    return [Signal(output, mask: try mask.max(axes: [-1]))]
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try shown(input).select(ifTrue: input, ifFalse: context.builder.constant(0))
  }

  /// 1 for each step that counts, with an axis for the features.
  private func shown(_ input: Value) throws -> Value {
    try input.notEqual(to: input.builder.constant(Float(maskValue)))
      .max(axes: [-1], keepDims: true)
  }
}
