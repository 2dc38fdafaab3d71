/// Working out the shapes and weights of a graph.

extension Graph {
  /// The graph for data of the given shapes.
  ///
  /// - Parameter inputShapes: one per input, with the batch; not needed where the model says them.
  /// - Throws: `ModelGraphError` where a shape is missing or does not fit, or a layer is not
  ///   supported.
  public func built(inputShapes: [LayerShape]? = nil) throws(ModelGraphError) -> BuiltGraph {
    try built(inferred(inputShapes))
  }

  /// The graph inside another, which calls it with data of the given shapes and no others.
  func built(inside inputShapes: [LayerShape]) throws(ModelGraphError) -> BuiltGraph {
    var graph = self
    try graph.setInputShapes(inputShapes, narrows: true)
    return try built(graph.inferred(nil))
  }

  private func built(_ inference: Inference) throws(ModelGraphError) -> BuiltGraph {
    if let problem = inference.problem { throw problem }
    return try BuiltGraph(
      graph: inference.graph, shapes: inference.shapes.map { $0 ?? [] },
      weights: inference.weights.map { $0 ?? [] }, states: inference.states)
  }

  /// What can be said of a graph, also where parts of it are not supported.
  struct Inference {
    var graph: Graph
    /// The shapes of the results of each node, where they are known.
    var shapes: [[LayerShape]?]
    /// The weights of each layer, where they are known.
    var weights: [[WeightSpec]?]
    /// What each layer keeps from batch to batch.
    var states: [[WeightSpec]]
    /// The first thing that is not known, and why.
    var problem: ModelGraphError?
  }

  func inferred(_ inputShapes: [LayerShape]?) throws(ModelGraphError) -> Inference {
    var state = Inference(
      graph: self, shapes: .init(repeating: nil, count: nodes.count),
      weights: .init(repeating: nil, count: layers.count),
      states: .init(repeating: [], count: layers.count))
    if let inputShapes { try state.graph.setInputShapes(inputShapes) }
    for (index, node) in nodes.enumerated() {
      let layer = state.graph.layer(of: node)
      do throws(ModelGraphError) {
        if let problem = node.problem { throw problem }
        let inputs = try state.inputShapes(of: node)
        let built = try layer.built(inputs)
        let weights = built.weights
        if let earlier = state.weights[node.layer], Set(earlier) != Set(weights) {
          throw ModelGraphError(
            .inputShape(expected: "the shape of the layer's first call", found: inputs[0]))
        }
        state.weights[node.layer] = layer.trainable ? weights.stored : weights
        state.states[node.layer] = built.states
        state.shapes[index] = built.outputShapes
      } catch {
        // What follows from an earlier problem is no problem of its own.
        guard state.problem == nil else { continue }
        state.problem = error.located(layer: layer.name, className: layer.displayClassName)
      }
    }
    if form == .sequential, let last = nodes.indices.last, let results = state.shapes[last] {
      // Keras 3 lets the last layer of a chain have several.
      state.graph.outputs = results.indices.map { Port(last, $0) }
    }
    for port in inputs + outputs where state.problem == nil {
      do throws(ModelGraphError) { _ = try state.shape(of: port) } catch { state.problem = error }
    }
    return state
  }

  /// Gives the input layers the shapes of the data.
  ///
  /// - Parameter narrows: whether extents that a layer leaves open become those of the data.
  private mutating func setInputShapes(
    _ shapes: [LayerShape], narrows: Bool = false
  ) throws(ModelGraphError) {
    guard shapes.count == inputs.count else {
      throw ModelGraphError(.inputCount(expected: inputs.count, found: shapes.count))
    }
    for (port, shape) in zip(inputs, shapes) {
      let place = nodes[port.node].layer
      guard var layer = layers[place] as? InputLayer else { continue }
      do { try layer.check(shape) } catch { throw error.located(layer: layer.name) }
      if let open = layer.batchShape {
        guard narrows else { continue }
        layer.batchShape = LayerShape(
          [shape.extents.first ?? nil]
            + zip(open.extents, shape.extents).dropFirst().map { $0 ?? $1 })
      } else {
        layer.batchShape = shape.withoutBatch
      }
      layers[place] = layer
    }
  }
}

extension Graph.Inference {
  fileprivate func inputShapes(of node: Graph.Node) throws(ModelGraphError) -> [LayerShape] {
    if let layer = graph.layers[node.layer] as? InputLayer, node.inputs.isEmpty {
      guard let shape = layer.batchShape else { throw ModelGraphError(.unknownInputShape) }
      return [shape]
    }
    for mask in node.masks.values { _ = try shape(of: mask) }
    var inputs: [LayerShape] = []
    for port in node.inputs {
      inputs.append(try shape(of: port))
      // A layer of a chain takes all that the one before it gives.
      if graph.form == .sequential, let count = shapes[port.node]?.count, count > 1 {
        throw ModelGraphError(.inputCount(expected: 1, found: count))
      }
    }
    return inputs
  }

  /// The shape of a result.
  ///
  /// - Throws: `ModelGraphError` where it is not known, or the node has no such result.
  fileprivate func shape(of port: Graph.Port) throws(ModelGraphError) -> LayerShape {
    guard let results = shapes[port.node] else { throw ModelGraphError(.unknownInputShape) }
    guard results.indices.contains(port.output) else {
      let source = graph.layer(of: graph.nodes[port.node]).name
      throw ModelGraphError(.danglingReference(to: "\(source)[\(port.output)]"))
    }
    return results[port.output]
  }
}

extension [WeightSpec] {
  /// In the order of a file: what training changes first.
  fileprivate var stored: [WeightSpec] { filter(\.isTrained) + filter { !$0.isTrained } }
}
