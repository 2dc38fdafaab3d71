/// The names of weights in each generation.
///
/// Both read a weight by its place in `weight_names`; the names are for people, and for tools that
/// load by name.
struct WeightNames {
  let dialect: Dialect

  /// The name of the model, which Keras 3 puts before the weights of a Sequential that learnt its
  /// input's shape late.
  let model: String?

  /// The weights of a layer under the names of the dialect; under their old ones where two would
  /// get the same.
  func renamed(_ layer: LayerWeights) -> LayerWeights {
    let names = layer.weights.map { name($0.name, in: layer.name) }
    guard Set(names).count == names.count else { return layer }
    var layer = layer
    for (place, name) in names.enumerated() { layer.weights[place].name = name }
    return layer
  }

  /// `sequential/conv1d/kernel` ↔ `conv1d/kernel:0`.
  func name(_ name: String, in layer: String) -> String {
    var path = name.hasSuffix(":0") ? String(name.dropLast(2)) : name
    guard dialect < .keras3 else { return path }
    if let model, path.hasPrefix("\(model)/\(layer)/") { path.removeFirst(model.count + 1) }
    return path + ":0"
  }
}
