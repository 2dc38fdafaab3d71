/// Layers that hold layers: how those are read and written, and how their weights are named.
import KerasCheckpoint

extension LayerConfig {
  /// A layer that this one wraps; nil where the key is absent or null.
  ///
  /// - Throws: why it cannot be run, where it cannot.
  mutating func layer(_ key: String) throws(ModelGraphError) -> (any Layer)? {
    guard let value = value(key) else { return nil }
    return try layer(key, value)
  }

  /// The layers of a list.
  ///
  /// - Throws: why one cannot be run, where it cannot.
  mutating func layers(_ key: String) throws(ModelGraphError) -> [any Layer] {
    guard let value = value(key) else { throw missing(key) }
    guard let elements = value.array else { throw wrong(key, "a list of layers", value) }
    var layers: [any Layer] = []
    for element in elements { layers.append(try layer(key, element)) }
    return layers
  }

  private func layer(_ key: String, _ value: JSON) throws(ModelGraphError) -> any Layer {
    guard value["class_name"]?.string != nil, value["config"] != nil else {
      throw wrong(key, "a layer with class_name and config", value)
    }
    let layer: any Layer
    do {
      layer = try LayerEntry(value, decoding).layer()
    } catch {
      throw error.located(layer: layerName, className: className, key: key)
    }
    if let problem = layer.unsupportedParts.first {
      guard layer is UnsupportedLayer, problem.reason.kind == .unsupportedLayer else {
        throw problem.reason
      }
      throw unsupported(key, "a wrapped layer of class \(problem.storedClassName)")
    }
    return layer
  }
}

extension WeightSpec {
  /// The weight of a wrapped layer as one of the layer that wraps it, which trains it if both do.
  func inside(_ layer: any Layer) -> WeightSpec {
    inside(layer.name, trainable: layer.trainable)
  }

  /// The same of a part of a layer.
  func inside(_ part: String, trainable: Bool) -> WeightSpec {
    var spec = self
    spec.name = "\(part)/\(name)"
    spec.isTrained = isTrained && trainable
    return spec
  }
}

extension LayerContext {
  /// The context of a wrapped layer: its weights without its name before them.
  ///
  /// - Parameter place: tells its random numbers from those of others in the same call.
  func inside(_ layer: any Layer, place: Int) -> LayerContext { inside(layer.name, place: place) }

  /// The same of a part of a layer.
  func inside(_ part: String, place: Int) -> LayerContext {
    var context = self
    context.prefix += "\(part)/"
    context.stream = stream(of: place)
    return context
  }

  /// A stream of random numbers for one of several uses in the same call.
  func stream(of place: Int) -> UInt64 {
    // The lower half is the number of the call in the model, the upper the way down from there: a hash with
    // Knuth's multiplier.
    let way = (UInt32(truncatingIfNeeded: stream >> 32) &+ UInt32(place + 1)) &* 2_654_435_761
    return UInt64(way) << 32 | stream & 0xFFFF_FFFF
  }
}
