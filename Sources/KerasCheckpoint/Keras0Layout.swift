import HDF5
import Tensors

/// The layout of weights before Keras 1.0: no names, only places.
///
///     / @nb_layers
///       layer_0/ @nb_params
///         param_0 …
///
/// and for a `Graph` model one group `graph` with all parameters.
///
/// Source: `save_weights` in `keras/models.py` of Keras 0.3.
enum Keras0Layout {
  private static let layerCount = "nb_layers"
  private static let parameterCount = "nb_params"
  private static let graph = "graph"

  /// Whether a weight is named by its place alone: `param_0`.
  static func isPlace(_ name: String) -> Bool {
    name.hasPrefix("param_") && Int(name.dropFirst("param_".count)) != nil
  }

  /// The layers in a root of this layout; nil where it is another.
  static func layers(in root: Group) throws -> [LayerWeights]? {
    if let count = try root.count(layerCount) {
      guard count <= LegacyLayout.weightLimit else {
        throw CheckpointError(.tooMany(what: "layers", limit: LegacyLayout.weightLimit))
      }
      var scope = ReadingScope()
      return try (0..<count).map { place in
        try layer(named: "layer_\(place)", by: layerCount, in: root, scope: &scope)
      }
    }
    guard let group = try root.group(graph), try group.hasAttribute(parameterCount) else {
      return nil
    }
    var scope = ReadingScope()
    return [try layer(named: graph, by: parameterCount, in: root, scope: &scope)]
  }

  private static func layer(
    named name: String, by list: String, in root: Group, scope: inout ReadingScope
  ) throws -> LayerWeights {
    guard let group = try root.group(name) else {
      throw CheckpointError(.missingGroup(named: name, by: list), at: .init(object: root.path))
    }
    guard let count = try group.count(parameterCount) else {
      throw CheckpointError(.missingAttribute(name: parameterCount), at: .init(object: group.path))
    }
    try scope.spend(count)
    let weights = try (0..<count).map {
      try Weight(named: "param_\($0)", in: group, list: parameterCount)
    }
    return LayerWeights(name: name, weights: weights)
  }
}
