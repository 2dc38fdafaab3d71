/// Layers that hold layers: how those are read and written, and how their weights are named.
import KerasCheckpoint

extension LayerConfig {
  /// A layer that this one wraps; nil where the key is absent or null.
  ///
  /// - Throws: why it cannot be run, where it cannot.
  mutating func layer(_ key: String) throws(ModelGraphError) -> (any Layer)? {
    guard let value = value(key) else { return nil }
    let layer: any Layer
    do {
      layer = try LayerEntry(value, decoding).layer()
    } catch {
      throw error.located(layer: layerName, className: className, key: key)
    }
    if let unsupported = layer.unsupportedParts.first { throw unsupported.reason }
    return layer
  }
}

extension WeightSpec {
  /// The weight of a wrapped layer as one of the layer that wraps it, which trains it if both do.
  func inside(_ layer: any Layer) -> WeightSpec {
    var spec = self
    spec.name = "\(layer.name)/\(name)"
    spec.isTrained = isTrained && layer.trainable
    return spec
  }
}

extension LayerContext {
  /// The context of a wrapped layer: its weights without its name before them.
  ///
  /// - Parameter place: tells its random numbers from those of others in the same call.
  func inside(_ layer: any Layer, place: Int) -> LayerContext {
    var context = self
    context.prefix += "\(layer.name)/"
    // The lower half is the number of the call in the model, the upper the way down from there: a hash with
    // Knuth's multiplier.
    let way = (UInt32(truncatingIfNeeded: stream >> 32) &+ UInt32(place + 1)) &* 2_654_435_761
    context.stream = UInt64(way) << 32 | stream & 0xFFFF_FFFF
    return context
  }
}
