/// A graph for data of a known shape: every shape and every weight has its size.
public import Engine
public import Tensors

public struct BuiltGraph: Sendable {
  /// The graph, its input layers with the shapes it was built for.
  public let graph: Graph
  /// The shapes of the results of each node, with nil for what differs from batch to batch.
  public let shapes: [[LayerShape]]
  /// The weights of each layer, in the order in which Keras stores them: first what training
  /// changes, then what it does not.
  public let weights: [[WeightSpec]]
  /// What each layer keeps from batch to batch beside its weights.
  public let states: [[WeightSpec]]

  /// Whether weights that are not trained add to the loss what their regularizers say, as in Keras 1
  /// and 2.
  public var penalisesFrozenWeights = false

  /// Above any number of parameters that one machine trains; a file that asks for more is refused
  /// before memory is.
  package static let parameterLimit = 1 << 31

  init(
    graph: Graph, shapes: [[LayerShape]], weights: [[WeightSpec]], states: [[WeightSpec]]
  ) throws(ModelGraphError) {
    self.graph = graph
    self.shapes = shapes
    self.weights = weights
    self.states = states
    var count = 0
    for spec in (weights + states).joined() {
      // Each is within the limit and there are not that many, so this cannot overflow.
      count += spec.shape.count
      guard count <= Self.parameterLimit else {
        throw ModelGraphError(.parameterLimit(count: count, limit: Self.parameterLimit))
      }
    }
  }

  /// The shapes of the model's inputs.
  public var inputShapes: [LayerShape] { graph.inputs.map { shapes[$0.node][$0.output] } }

  /// The shapes of the model's outputs.
  public var outputShapes: [LayerShape] { graph.outputs.map { shapes[$0.node][$0.output] } }

  /// The types that a program needs for inputs whose shapes are `shapes`: whole numbers for tokens.
  public func inputTypes(_ shapes: [Shape]) -> [TensorType] {
    zip(graph.inputs, shapes).map { port, shape in
      TensorType(shape, graph.isTokens(port) ? .int32 : .float32)
    }
  }

  /// The name of a weight among the variables: `conv1d/kernel`.
  public func variableName(_ layer: Int, _ spec: WeightSpec) -> String {
    "\(graph.layers[layer].name)/\(spec.name)"
  }

  /// A weight with its layer and the name of its variable.
  public struct WeightVariable: Sendable {
    public let name: String
    public let layer: Int
    public let spec: WeightSpec
    /// Whether training changes it: the layer is trainable and the weight is not a statistic.
    public let isTrained: Bool
  }

  /// Every weight, layer by layer as Keras stores them.
  public var variables: [WeightVariable] {
    weights.enumerated().flatMap { layer, specs in
      specs.map { spec in
        WeightVariable(
          name: variableName(layer, spec), layer: layer, spec: spec,
          isTrained: spec.isTrained && graph.layers[layer].trainable)
      }
    }
  }

  /// The weights that an optimizer trains, in Keras's order.
  public var trainedVariables: [WeightVariable] { variables.filter(\.isTrained) }
}

extension Graph {
  /// Whether only tokens come in there: every layer that takes them looks them up in a table.
  func isTokens(_ port: Port) -> Bool {
    let readers = nodes.filter { $0.inputs.contains(port) }
    if readers.isEmpty { return false }
    return (layer(of: nodes[port.node]) as? InputLayer)?.isWhole == true
      || readers.allSatisfy { node in
        node.inputs.indices.allSatisfy {
          node.inputs[$0] != port || layer(of: node).takesTokens(at: $0)
        }
      }
  }
}
