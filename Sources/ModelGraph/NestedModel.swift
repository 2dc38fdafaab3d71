/// A model as a layer of another.
import Engine
public import KerasCheckpoint
package import Tensors

/// A Sequential or Functional model that another model calls, with its own layers and their weights.
///
/// Weights: those of its layers in their order, after the names of these, in a file first all that training
/// changes. Source: `keras/src/models/functional.py`, `legacy_h5_format.py`.
public struct NestedModel: Layer {
  /// No class to look up: a configuration says ``Graph/Form``.
  public static let className = "Functional"

  public var attributes: LayerAttributes {
    didSet {
      // Keras freezes and thaws the layers of a model with it.
      guard attributes.trainable != oldValue.trainable else { return }
      graph.setTrainable(attributes.trainable)
    }
  }
  public private(set) var graph: Graph
  /// The numbers with which weights start, by their names below the model's; drawn where there are none.
  private let values: [String: GivenValue]

  /// - Parameter values: what weights start with, such as `conv1d/kernel`; those that are missing are drawn.
  package init(_ graph: Graph, values: [String: Tensor] = [:], trainable: Bool = true) {
    attributes = LayerAttributes(name: graph.name, trainable: trainable)
    self.graph = graph
    self.values = values.mapValues(GivenValue.init)
    if !trainable { self.graph.setTrainable(false) }
  }

  init(_ entry: LayerEntry) throws(ModelGraphError) {
    let graph = try Graph(modelConfig: entry.json, decoding: entry.decoding)
    self.init(graph, trainable: entry.json["config"]?["trainable"]?.bool ?? true)
    name = entry.name.isEmpty ? graph.name : entry.name
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    preconditionFailure("a model is read from its entry, which says of which form it is")
  }

  public var settings: [String: JSON] { entry(.complete)["config"]?.object ?? [:] }
  public var config: [String: JSON] { settings }

  public var isBuiltAtOnce: Bool { graph.layers.allSatisfy(\.isBuiltAtOnce) }

  public func takesTokens(at place: Int) -> Bool {
    graph.inputs.indices.contains(place) && graph.isTokens(graph.inputs[place])
  }

  public func built(_ inputs: [LayerShape]) throws(ModelGraphError) -> BuiltLayer {
    let built = try graph.built(inside: inputs)
    func named(_ specs: [[WeightSpec]]) -> [WeightSpec] {
      zip(built.graph.layers, specs).flatMap { layer, specs in
        specs.map { spec in
          var spec = spec.inside(layer)
          spec.given = values[spec.name] ?? spec.given
          return spec
        }
      }
    }
    return BuiltLayer(
      weights: named(built.weights), states: named(built.states), outputShapes: built.outputShapes)
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    try built(inputs).weights
  }

  public func states(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    try built(inputs).states
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    try built(inputs).outputShapes
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    try graph.call(inputs) { context.inside($1, place: $0) }
  }

  /// The model as an entry among layers.
  func entry(_ form: Graph.ConfigForm) -> JSON {
    var graph = graph
    graph.name = name
    var entry = graph.modelConfig(form)
    entry["config"]?["trainable"] = .bool(trainable)
    return entry
  }
}

extension Graph {
  /// The layers, and those of the models among them.
  package var allLayers: [any Layer] {
    layers.flatMap { layer in
      ([layer] + layer.wrapped).flatMap { [$0] + ($0.innerGraph?.allLayers ?? []) }
    }
  }

  /// The number of calls when every model among the layers is written out; the greatest `Int` where it is more.
  var expandedSize: Int {
    var size = 0
    for node in nodes {
      let layer = layers[node.layer]
      let inner = ([layer] + layer.wrapped).compactMap(\.innerGraph?.expandedSize).max() ?? 0
      let (sum, overflow) = size.addingReportingOverflow(inner)
      if overflow || sum == .max { return .max }
      size = sum + 1
    }
    return size
  }

  fileprivate mutating func setTrainable(_ trainable: Bool) {
    for place in layers.indices { layers[place].trainable = trainable }
  }
}

extension Layer {
  /// The graph of a layer that is a model.
  var innerGraph: Graph? { (self as? NestedModel)?.graph }
}
