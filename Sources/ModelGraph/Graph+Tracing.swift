/// Finding the graph behind the outputs of a Functional model.

extension Graph {
  /// The model that gives `outputs` for `inputs`.
  ///
  /// Layers stand in Keras's order, by their distance from the outputs, since a file's weights do. Those
  /// without a name get one as Keras names them.
  ///
  /// - Throws: `ModelGraphError` where an output depends on an input that is not named, or two layers have
  ///   the same name.
  public init(
    inputs: [KerasTensor], outputs: [KerasTensor], name: String = "functional"
  ) throws(ModelGraphError) {
    let order = CallOrder(inputs: inputs, outputs: outputs)
    if let stray = order.calls.first(where: { call in
      call.inputs.isEmpty && !inputs.contains { $0.call === call }
    }) {
      throw ModelGraphError(.disconnected(input: stray.layer.layer.name))
    }
    if let wrong = inputs.first(where: { !$0.call.inputs.isEmpty }) {
      throw ModelGraphError(.notAnInput, at: .init(layer: wrong.call.layer.layer.name))
    }
    guard !outputs.isEmpty else { throw ModelGraphError(.noLayers) }
    let layers = order.layers
    var places: [ObjectIdentifier: Int] = [:]
    for (place, layer) in layers.enumerated() { places[ObjectIdentifier(layer)] = place }
    var nodes: [Node] = []
    var nodePlaces: [ObjectIdentifier: Int] = [:]
    var counts = [Int](repeating: 0, count: layers.count)
    for call in order.calls {
      let layer = places[ObjectIdentifier(call.layer)] ?? 0
      var node = Node(
        layer: layer,
        inputs: call.inputs.map { Port(nodePlaces[ObjectIdentifier($0.call)] ?? 0, $0.output) },
        call: counts[layer])
      node.options = call.options
      counts[layer] += 1
      nodePlaces[ObjectIdentifier(call)] = nodes.count
      nodes.append(node)
    }
    func port(_ tensor: KerasTensor) -> Port {
      Port(nodePlaces[ObjectIdentifier(tensor.call)] ?? 0, tensor.output)
    }
    self.init(
      name: name, functional: try LayerNames.complete(layers.map(\.layer)), nodes: nodes,
      inputs: inputs.map(port), outputs: outputs.map(port))
    try Self.limit(expandedSize, "calls of layers")
  }
}

/// The calls behind some outputs, each after those that it needs, and their layers in Keras's order.
///
/// Source: `map_graph` of `keras/src/ops/function.py`.
private struct CallOrder {
  private(set) var calls: [LayerCall] = []
  private(set) var layers: [SharedLayer] = []
  private var found: [SharedLayer] = []
  private var seen: Set<ObjectIdentifier> = []

  init(inputs: [KerasTensor], outputs: [KerasTensor]) {
    var finished: Set<ObjectIdentifier> = []
    for output in outputs { visit(output.call, &finished) }
    // An input that no output needs is part of the model all the same.
    let unused = inputs.map(\.call).filter { finished.insert(ObjectIdentifier($0)).inserted }
    order()
    for call in unused where seen.insert(ObjectIdentifier(call.layer)).inserted {
      layers.append(call.layer)
      calls.append(call)
    }
  }

  /// Goes from a call back to the inputs, without recursion.
  private mutating func visit(_ call: LayerCall, _ finished: inout Set<ObjectIdentifier>) {
    var path: [(call: LayerCall, next: Int)] = [(call, 0)]
    while let (call, next) = path.popLast() {
      if finished.contains(ObjectIdentifier(call)) { continue }
      if next == 0, seen.insert(ObjectIdentifier(call.layer)).inserted { found.append(call.layer) }
      guard next < call.inputs.count else {
        finished.insert(ObjectIdentifier(call))
        calls.append(call)
        continue
      }
      path.append((call, next + 1))
      path.append((call.inputs[next].call, 0))
    }
  }

  /// Sorts the layers by their distance from the outputs, then by when they were found.
  private mutating func order() {
    var callDepths: [ObjectIdentifier: Int] = [:]
    var layerDepths: [ObjectIdentifier: Int] = [:]
    for call in calls.reversed() {
      let layer = ObjectIdentifier(call.layer)
      let depth = max(
        callDepths[ObjectIdentifier(call), default: 0], layerDepths[layer, default: 0])
      layerDepths[layer] = depth
      for input in call.inputs {
        callDepths[ObjectIdentifier(input.call), default: 0] = max(
          depth + 1, callDepths[ObjectIdentifier(input.call), default: 0])
      }
    }
    func depth(_ layer: SharedLayer) -> Int { layerDepths[ObjectIdentifier(layer), default: 0] }
    layers = found.enumerated().sorted {
      (-depth($0.element), $0.offset) < (-depth($1.element), $1.offset)
    }.map(\.element)
  }
}
