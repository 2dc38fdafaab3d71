/// The middle of images, or a part of them by chance.
public import Engine
public import KerasCheckpoint

/// The middle of images in this size. Where one is smaller, the largest part in the middle that has the size's
/// aspect ratio, brought to the size.
///
/// Shapes: `[N, A, B, C]` to `[N, height, width, C]`; with `channelsFirst` the last axis is the second.
/// Source: `keras/src/layers/preprocessing/image_preprocessing/center_crop.py`.
public struct CenterCrop: SingleInputLayer {
  public static let className = "CenterCrop"

  public var attributes: LayerAttributes
  var size: ImageSize
  public var dataFormat: DataFormat

  /// - Precondition: height and width are above 0.
  public init(
    height: Int, width: Int, dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    precondition(height > 0 && width > 0, "an image of nothing")
    attributes = LayerAttributes(name: name)
    size = ImageSize(height: height, width: width)
    self.dataFormat = dataFormat
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    size = try config.imageSize()
    dataFormat = try config.dataFormat()
  }

  public var settings: [String: JSON] {
    [
      "height": .int(size.height), "width": .int(size.width),
      "data_format": .string(dataFormat.rawValue),
    ]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.withImages(of: size, dataFormat)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let (height, width) = input.extents(dataFormat)
    if height >= size.height, width >= size.width { return try input.cropped(to: size, dataFormat) }
    return try input.croppedToAspectRatio(of: size, dataFormat).resized(to: size, dataFormat)
  }
}

/// In training a part of images in this size, at a place drawn by chance, which Keratin does not draw. In
/// inference the images are as they are in Keras 3, whatever it says of their shape; in Keras 2 the largest
/// part in the middle that has the size's aspect ratio, brought to the size.
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_crop.py`.
public struct RandomCrop: SingleInputLayer {
  public static let className = "RandomCrop"

  public var attributes: LayerAttributes
  var size: ImageSize
  public var dataFormat: DataFormat
  /// Kept in the configuration.
  public var seed: JSON?
  /// Whether images are brought to the size in inference.
  public var resizes = false

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    size = try config.imageSize()
    dataFormat = try config.dataFormat()
    seed = try config.seed()
    resizes = config.dialect < .keras3
  }

  public var settings: [String: JSON] {
    [
      "height": .int(size.height), "width": .int(size.width),
      "data_format": .string(dataFormat.rawValue), "seed": seed ?? .null,
    ]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    let cropped = try input.withImages(of: size, dataFormat)
    return resizes ? cropped : input
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    guard context.mode == .inference else { throw ModelGraphError(.randomImages) }
    guard resizes else { return input }
    return try input.croppedToAspectRatio(of: size, dataFormat).resized(to: size, dataFormat)
  }
}
