/// Images whose values take up the whole range.
public import Engine
public import KerasCheckpoint

/// The least value of each channel becomes the least of the range, the largest the largest; a channel of one
/// value stays as it is. In inference as in training.
///
/// Shapes: `[N, A, B, C]`. Least and largest are those along the second and third axis, wherever the channels
/// are, as in Keras. Source: `keras/src/layers/preprocessing/image_preprocessing/auto_contrast.py`.
public struct AutoContrast: SingleInputLayer {
  public static let className = "AutoContrast"

  public var attributes: LayerAttributes
  public var range: [Double]

  public init(range: ClosedRange<Double> = 0...255, name: String? = nil) {
    attributes = LayerAttributes(name: name)
    self.range = [range.lowerBound, range.upperBound]
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    range = [0, 255]
    guard let stored = config.value("value_range") else { return }
    let bounds = (stored.array ?? []).compactMap(\.double).filter(\.isFinite)
    guard bounds.count == 2, stored.array?.count == 2, bounds[0] < bounds[1] else {
      throw config.wrong("value_range", "two ascending numbers", stored)
    }
    range = bounds
  }

  public var settings: [String: JSON] { ["value_range": .array(range.map(JSON.number))] }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.requireRank(4)
    return input
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let (low, extent) = (Float(range[0]), Float(range[1] - range[0]))
    let x = try input.apply(.affine(scale: 255 / extent, offset: -low * 255 / extent))
    let least = try -(-x).max(axes: [1, 2], keepDims: true)
    let scale = try context.builder.constant(255) / (x.max(axes: [1, 2], keepDims: true) - least)
    let stretched = try (x * scale - least * scale).apply(.clip(0, 255))
    let result = try stretched.apply(.affine(scale: extent / 255, offset: low))
    // Only what is no number differs from itself.
    return try result.notEqual(to: result).select(ifTrue: input, ifFalse: result)
  }
}
