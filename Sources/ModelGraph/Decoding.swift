/// What the reading of a configuration depends on beside its text.
import KerasCheckpoint

struct Decoding: Sendable {
  /// The generation of Keras that wrote it.
  var dialect: Dialect = .keras3
  /// Layers that a user made, by their classes, as `custom_objects` in Keras.
  var customLayers: [String: any Layer.Type] = [:]

  init(dialect: Dialect = .keras3, customLayers: [any Layer.Type] = []) {
    self.dialect = dialect
    self.customLayers = Dictionary(
      customLayers.map { ($0.className, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
