/// A graph's variables with drawn numbers, and as weights of a file.
public import Engine
public import KerasCheckpoint
import Tensors

extension BuiltGraph {
  /// Gives every weight its first numbers.
  ///
  /// The same seed gives the same numbers; each weight draws from a stream of its own, so that they
  /// do not change when a layer is added behind.
  ///
  /// - Throws: `ModelGraphError` where an initializer is not known or does not suit its weight.
  public func initialise(_ variables: Variables, seed: UInt64) throws(ModelGraphError) {
    for (place, variable) in self.variables.enumerated() {
      var source = RandomSource(seed: seed, stream: UInt64(place))
      do throws(ModelGraphError) {
        let spec = variable.spec
        if let given = spec.given {
          variables.set(variable.name, given.tensor)
          continue
        }
        let tensor = try spec.initializer.tensor(spec.shape, fans: spec.fans, from: &source)
        variables.set(variable.name, tensor)
      } catch {
        let layer = graph.layers[variable.layer]
        throw error.located(layer: layer.name, className: layer.displayClassName)
      }
    }
  }

  /// Whether a layer keeps something from batch to batch beside its weights.
  public var isStateful: Bool { states.contains { !$0.isEmpty } }

  /// Makes what layers keep from batch to batch zero.
  public func resetStates(_ variables: Variables) {
    for (layer, specs) in states.enumerated() {
      for spec in specs { variables.setZero(variableName(layer, spec), spec.shape) }
    }
  }

  /// The weights as a checkpoint holds them, every layer in its place.
  ///
  /// Weights are named as Keras 3 names them: `conv1d/kernel`, and `sequential/conv1d/kernel` where
  /// the model's first data decided its shapes. Where `like` has a layer of the same name with as
  /// many weights, its names are kept, and so are attributes of others.
  ///
  /// - Throws: `ModelGraphError` where a weight has no numbers yet.
  public func layerWeights(
    _ variables: Variables, like: [LayerWeights] = []
  ) throws(ModelGraphError) -> [LayerWeights] {
    let earlier = Dictionary(like.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let prefix = graph.isDeferred ? "\(graph.name)/" : ""
    var result: [LayerWeights] = []
    for (place, layer) in graph.layers.enumerated() where !isImplied(layer) {
      let names = earlier[layer.name]?.weights.map(\.name) ?? []
      var stored: [Weight] = []
      for (index, spec) in weights[place].enumerated() {
        let variable = variableName(place, spec)
        guard let tensor = variables.tensor(variable) else {
          throw ModelGraphError(.missingVariable(variable))
        }
        let name = names.count == weights[place].count ? names[index] : prefix + variable
        stored.append(Weight(name: name, tensor: tensor))
      }
      result.append(
        LayerWeights(
          name: layer.name, weights: stored,
          extraAttributes: earlier[layer.name]?.extraAttributes ?? []))
    }
    return result
  }

  /// Whether a layer has no group in a file: the input layer of a Sequential model.
  private func isImplied(_ layer: any Layer) -> Bool {
    graph.form == .sequential && layer is InputLayer
  }
}
