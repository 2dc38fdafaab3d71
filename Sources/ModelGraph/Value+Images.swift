/// Images in another size.
import Engine
import KerasCheckpoint
import Tensors

/// Height and width.
struct ImageSize: Sendable, Hashable {
  var height: Int
  var width: Int

  var extents: [Int] { [height, width] }
}

extension LayerConfig {
  /// Reads `height` and `width`, each within the extents of any image.
  mutating func imageSize() throws(ModelGraphError) -> ImageSize {
    let size = ImageSize(height: try count("height"), width: try count("width"))
    for (key, extent) in [("height", size.height), ("width", size.width)]
    where extent > UpSamplingOptions.positionLimit {
      throw wrong(key, "at most \(UpSamplingOptions.positionLimit) positions", .int(extent))
    }
    return size
  }
}

extension LayerShape {
  /// The shape of images in this size.
  ///
  /// - Throws: `ModelGraphError` where these are no batches of images.
  func withImages(of size: ImageSize, _ format: DataFormat) throws(ModelGraphError) -> LayerShape {
    try requireRank(4)
    var result = self
    for (axis, extent) in zip(format.spatialAxes(rank: 4), size.extents) {
      // Positions that are there can be listed, as those of the result are.
      guard let own = self[axis] else {
        result[axis] = extent
        continue
      }
      guard (1...UpSamplingOptions.positionLimit).contains(own) else {
        throw ModelGraphError(.inputShape(expected: "images", found: self))
      }
      result[axis] = extent
    }
    return result
  }
}

extension Value {
  /// The images in this size.
  func resized(
    to size: ImageSize, _ format: DataFormat, _ interpolation: Interpolation = .bilinear,
    antialias: Bool = false
  ) throws -> Value {
    let axes = format.spatialAxes(rank: rank)
    var output = self
    // From the last axis on, so that long rows are summed while there are few of them.
    for (axis, extent) in zip(axes, size.extents).reversed()
    where shape[axis] != extent || interpolation.smooths {
      output = try output.resampled(
        axis: axis, interpolation.taps(from: shape[axis], to: extent, antialias: antialias))
    }
    return output
  }

  /// The middle of the images, as large as the aspect ratio of `size` allows.
  func croppedToAspectRatio(of size: ImageSize, _ format: DataFormat) throws -> Value {
    let (height, width) = extents(format)
    return try cropped(
      to: ImageSize(
        height: Swift.max(Swift.min(height, scaled(width, size.height, size.width)), 1),
        width: Swift.max(Swift.min(width, scaled(height, size.width, size.height)), 1)), format)
  }

  /// The images with so much of `fill` on both sides that they have at least the aspect ratio of `size`.
  func paddedToAspectRatio(
    of size: ImageSize, _ format: DataFormat, fill: Float
  ) throws -> Value {
    let (height, width) = extents(format)
    let margins = [
      (Swift.max(height, scaled(width, size.height, size.width)) - height) / 2,
      (Swift.max(width, scaled(height, size.width, size.height)) - width) / 2,
    ]
    var output = self
    for (axis, margin) in zip(format.spatialAxes(rank: rank), margins) where margin > 0 {
      guard fill != 0 else {
        output = try output.padded(axis: axis, before: margin, after: margin)
        continue
      }
      var extents = output.shape.dimensions
      extents[axis] = margin
      let side = try builder.constant(fill, Shape(extents))
      output = try side.concatenated(with: [output, side], axis: axis)
    }
    return output
  }

  /// The middle of the images.
  ///
  /// - Precondition: they are not smaller.
  func cropped(to size: ImageSize, _ format: DataFormat) throws -> Value {
    var output = self
    for (axis, extent) in zip(format.spatialAxes(rank: rank), size.extents) {
      let start = (shape[axis] - extent) / 2
      output = try output.slice(axis: axis, start..<start + extent)
    }
    return output
  }

  /// Height and width.
  func extents(_ format: DataFormat) -> (height: Int, width: Int) {
    let axes = format.spatialAxes(rank: rank)
    return (shape[axes.lowerBound], shape[axes.lowerBound + 1])
  }

  /// `extent · numerator / denominator` as Keras cuts it, in float32.
  private func scaled(_ extent: Int, _ numerator: Int, _ denominator: Int) -> Int {
    Int(Float(extent * numerator) / Float(denominator))
  }
}
