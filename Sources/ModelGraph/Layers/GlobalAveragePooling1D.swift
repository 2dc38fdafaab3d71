/// The mean over time.
public import Engine
public import KerasCheckpoint
import Tensors

/// `y[c] = meanₜ x[t, c]`, over the steps that the mask lets count where there is one.
///
/// Shapes: `[N, T, C]` to `[N, C]`, or `[N, 1, C]` with `keepDims`. An example of padding alone gives
/// 0 / 0, as in Keras. Source: `keras/src/layers/pooling/global_average_pooling1d.py`.
public struct GlobalAveragePooling1D: SingleInputLayer {
  public static let className = "GlobalAveragePooling1D"

  public var attributes: LayerAttributes
  public var dataFormat: DataFormat
  public var keepDims: Bool

  public init(
    dataFormat: DataFormat = .channelsLast, keepDims: Bool = false, name: String? = nil
  ) {
    attributes = LayerAttributes(name: name)
    self.dataFormat = dataFormat
    self.keepDims = keepDims
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    dataFormat = try config.choice("data_format", default: .channelsLast)
    keepDims = try config.bool("keepdims", default: false)
  }

  public var settings: [String: JSON] {
    ["data_format": .string(dataFormat.rawValue), "keepdims": .bool(keepDims)]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try dataFormat.pooledShape(input, keepDims: keepDims)
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let input = try inputs.single()
    guard let mask = input.mask else { return [Signal(try call(input.value, context))] }
    guard mask.rank == 2 else {
      throw ModelGraphError(
        .inputShape(expected: "a mask of 2 dimensions", found: LayerShape(mask.shape.dimensions)))
    }
    let (batch, steps) = (mask.shape[0], mask.shape[1])
    let counts = try mask.reshaped(
      dataFormat == .channelsLast ? [batch, steps, 1] : [batch, 1, steps])
    let axes = [dataFormat.stepAxis]
    let sum = try (input.value * counts).sum(axes: axes, keepDims: keepDims)
    return [Signal(try sum / counts.sum(axes: axes, keepDims: keepDims))]
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    try input.mean(axes: [dataFormat.stepAxis], keepDims: keepDims)
  }
}
