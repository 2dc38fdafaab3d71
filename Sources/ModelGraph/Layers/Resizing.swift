/// Images brought to one size.
public import Engine
public import KerasCheckpoint

/// The images in another height and width, by an interpolation; before that, where asked for, their middle in
/// the new aspect ratio, or the images with margins that give them that.
///
/// Shapes: `[N, A, B, C]` to `[N, height, width, C]`; with `channelsFirst` the last axis is the second.
/// Source: `keras/src/layers/preprocessing/image_preprocessing/resizing.py`.
public struct Resizing: SingleInputLayer {
  public static let className = "Resizing"

  public var attributes: LayerAttributes
  var size: ImageSize
  public var interpolation: Interpolation
  public var aspectRatio: AspectRatio
  /// What margins are filled with.
  public var fill: Double
  public var antialias: Bool
  public var dataFormat: DataFormat

  /// What happens to images of another aspect ratio.
  public enum AspectRatio: Sendable, Hashable {
    case stretch, crop, pad
  }

  /// - Precondition: height and width are above 0.
  public init(
    height: Int, width: Int, interpolation: Interpolation = .bilinear,
    aspectRatio: AspectRatio = .stretch, antialias: Bool = false,
    dataFormat: DataFormat = .channelsLast, name: String? = nil
  ) {
    precondition(height > 0 && width > 0, "an image of nothing")
    attributes = LayerAttributes(name: name)
    size = ImageSize(height: height, width: width)
    self.interpolation = interpolation
    self.aspectRatio = aspectRatio
    fill = 0
    self.antialias = antialias
    self.dataFormat = dataFormat
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    size = try config.imageSize()
    interpolation = try config.choice("interpolation", default: .bilinear)
    let crops = try config.bool("crop_to_aspect_ratio", default: false)
    let pads = try config.bool("pad_to_aspect_ratio", default: false)
    guard !crops || !pads else {
      throw config.wrong("pad_to_aspect_ratio", "false beside crop_to_aspect_ratio", true)
    }
    aspectRatio = crops ? .crop : pads ? .pad : .stretch
    if let mode = config.value("fill_mode"), mode != "constant" {
      throw config.wrong("fill_mode", "\"constant\"", mode)
    }
    fill = try config.number("fill_value", default: 0)
    antialias = try config.bool("antialias", default: false)
    dataFormat = try config.dataFormat()
  }

  public var settings: [String: JSON] {
    [
      "height": .int(size.height), "width": .int(size.width),
      "interpolation": .string(interpolation.rawValue),
      "crop_to_aspect_ratio": .bool(aspectRatio == .crop),
      "pad_to_aspect_ratio": .bool(aspectRatio == .pad), "fill_mode": "constant",
      "fill_value": .number(fill), "antialias": .bool(antialias),
      "data_format": .string(dataFormat.rawValue),
    ]
  }

  public func outputShape(_ input: LayerShape) throws(ModelGraphError) -> LayerShape {
    try input.withImages(of: size, dataFormat)
  }

  public func call(_ input: Value, _ context: LayerContext) throws -> Value {
    let images =
      switch aspectRatio {
      case .stretch: input
      case .crop: try input.croppedToAspectRatio(of: size, dataFormat)
      case .pad: try input.paddedToAspectRatio(of: size, dataFormat, fill: Float(fill))
      }
    return try images.resized(to: size, dataFormat, interpolation, antialias: antialias)
  }
}
