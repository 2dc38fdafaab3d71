/// Reading the connections of a Functional model.
import KerasCheckpoint

extension Graph {
  init(functionalConfig config: JSON, decoding: Decoding) throws(ModelGraphError) {
    guard let list = config["layers"]?.array else {
      throw ModelGraphError(.missingKey, at: .init(key: "layers"))
    }
    try Self.limit(list.count, "layers")
    guard !list.isEmpty else { throw ModelGraphError(.noLayers) }
    var entries: [LayerEntry] = []
    var layers: [any Layer] = []
    var calls: [Call] = []
    for (place, json) in list.enumerated() {
      let entry = try LayerEntry(json, decoding)
      entries.append(entry)
      layers.append(try entry.layer())
      calls += try Self.calls(entry, layer: place)
      try Self.limit(calls.count, "calls of layers")
    }
    let ends = Ends(
      inputs: try TensorReference.list(config["input_layers"], key: "input_layers"),
      outputs: try TensorReference.list(config["output_layers"], key: "output_layers"))
    // What Keras 2 writes of a function is kept as a list.
    let isKeras3 = calls.contains { $0.arguments?.object != nil }
    let counting = CallCounting(
      entries, references: calls.flatMap(\.references), ends: ends.inputs + ends.outputs,
      isKeras3: isKeras3)
    try self.init(
      ordering: calls, of: layers, name: config["name"]?.string ?? "functional", ends, counting)
    let known: Set = ["name", "layers", "input_layers", "output_layers"]
    unknown = (config.object ?? [:]).filter { !known.contains($0.key) }
    // Keras 2 writes lists where it means one tensor, which to Keras 3 are lists of one.
    ports = (config.object ?? [:]).filter {
      ($0.key == "input_layers" || $0.key == "output_layers")
        && (isKeras3 || $0.value.object != nil)
    }
  }

  /// A call of a layer before its place in the order is known.
  private struct Call {
    let layer: Int
    let index: Int
    var inputs: [TensorReference] = []
    var masks: [Int: TensorReference] = [:]
    var options = CallOptions()
    var arguments: JSON?
    var problem: ModelGraphError.Kind?

    /// What the call waits for.
    var references: [TensorReference] {
      inputs + masks.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  /// What the model takes and gives.
  private struct Ends {
    let inputs: [TensorReference]
    let outputs: [TensorReference]
  }

  /// Where a tensor comes from: a layer, which of its calls, which of the results.
  private struct CallKey: Hashable {
    let layer: Int
    let index: Int
  }

  private static func calls(_ entry: LayerEntry, layer: Int) throws(ModelGraphError) -> [Call] {
    let nodes = entry.json["inbound_nodes"]?.array ?? []
    // An input layer has no calls, but a result.
    guard !nodes.isEmpty else { return [Call(layer: layer, index: 0)] }
    var calls: [Call] = []
    let names = entry.layerType?.namedArguments ?? .none
    for (index, node) in nodes.enumerated() {
      var call = Call(layer: layer, index: index)
      if entry.isFunctionCall {
        let arguments = FunctionArguments(node)
        call.inputs = arguments?.references ?? []
        call.arguments = node
        // What the layer was told of is its first call.
        if arguments?.isLike(FunctionArguments(nodes[0])) != true {
          call.problem = .unsupportedOption(value: "a second call of a function in another way")
        }
        calls.append(call)
        continue
      }
      let arguments: CallArguments
      do {
        arguments = try CallArguments(node, names: names)
      } catch {
        throw error.located(layer: entry.name, className: entry.className, key: "inbound_nodes")
      }
      call.inputs = arguments.inputs
      call.masks = arguments.masks
      call.options = arguments.options
      call.arguments = arguments.stored
      call.problem = arguments.problem
      if !arguments.constants.isEmpty, entry.layerType?.takesConstants != true {
        call.problem = .unsupportedOption(value: "a number as the input of a call")
      }
      calls.append(call)
    }
    return calls
  }

  /// Puts calls in an order in which each follows those that it needs: again and again the first in
  /// the configuration that can go, without recursion.
  private init(
    ordering calls: [Call], of layers: [any Layer], name: String, _ ends: Ends,
    _ counting: CallCounting
  ) throws(ModelGraphError) {
    let layers = try LayerNames.complete(layers)
    let places = Dictionary(
      uniqueKeysWithValues: layers.enumerated().map { ($1.name, $0) })
    var callPlaces: [CallKey: Int] = [:]
    for (place, call) in calls.enumerated() {
      callPlaces[CallKey(layer: call.layer, index: call.index)] = place
    }
    func place(
      of reference: TensorReference, _ layer: String?, isEnd: Bool = false
    ) throws(ModelGraphError) -> Int {
      guard let source = places[reference.layer] else {
        throw ModelGraphError(.danglingReference(to: reference.layer), at: .init(layer: layer))
      }
      let index = reference.call - counting.first(source, isEnd: isEnd)
      guard let call = callPlaces[CallKey(layer: source, index: index)] else {
        throw ModelGraphError(
          .danglingReference(to: "\(reference.layer)[\(reference.call)]"), at: .init(layer: layer))
      }
      return call
    }

    var waiting = [Int](repeating: 0, count: calls.count)
    var followers = [[Int]](repeating: [], count: calls.count)
    for (index, call) in calls.enumerated() {
      for reference in call.references {
        followers[try place(of: reference, layers[call.layer].name)].append(index)
        waiting[index] += 1
      }
    }
    var ready = Heap(calls.indices.filter { waiting[$0] == 0 })
    var order: [Int] = []
    while let next = ready.removeLeast() {
      order.append(next)
      for follower in followers[next] {
        waiting[follower] -= 1
        if waiting[follower] == 0 { ready.insert(follower) }
      }
    }
    guard order.count == calls.count else {
      let stuck = calls.indices.filter { waiting[$0] > 0 }.map { layers[calls[$0].layer].name }
      throw ModelGraphError(.cycle(layers: stuck))
    }

    var nodePlaces = [Int](repeating: 0, count: calls.count)
    for (node, call) in order.enumerated() { nodePlaces[call] = node }
    func port(
      _ reference: TensorReference, _ layer: String?, isEnd: Bool = false
    ) throws(ModelGraphError) -> Port {
      Port(nodePlaces[try place(of: reference, layer, isEnd: isEnd)], reference.output)
    }
    var nodes: [Node] = []
    for index in order {
      let call = calls[index]
      let layer = layers[call.layer]
      var node = Node(layer: call.layer, inputs: [], call: call.index)
      for reference in call.inputs { node.inputs.append(try port(reference, layer.name)) }
      for (place, mask) in call.masks { node.masks[place] = try port(mask, layer.name) }
      node.options = call.options
      node.arguments = call.arguments
      node.problem = call.problem.map {
        ModelGraphError($0, at: .init(layer: layer.name, className: layer.displayClassName))
      }
      nodes.append(node)
    }
    var inputs: [Port] = []
    for reference in ends.inputs {
      inputs.append(try port(reference, nil, isEnd: true))
    }
    var outputs: [Port] = []
    for reference in ends.outputs {
      outputs.append(try port(reference, nil, isEnd: true))
    }
    self.init(name: name, functional: layers, nodes: nodes, inputs: inputs, outputs: outputs)
  }
}

/// The least of a growing set of numbers.
private struct Heap {
  private var elements: [Int]

  /// - Parameter sorted: in ascending order, which is a heap.
  init(_ sorted: [Int]) { elements = sorted }

  mutating func insert(_ element: Int) {
    elements.append(element)
    var place = elements.count - 1
    while place > 0, elements[place] < elements[(place - 1) / 2] {
      elements.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeLeast() -> Int? {
    guard let least = elements.first else { return nil }
    let last = elements.removeLast()
    if elements.isEmpty { return least }
    elements[0] = last
    var place = 0
    while true {
      let children = [2 * place + 1, 2 * place + 2].filter { $0 < elements.count }
      guard let child = children.min(by: { elements[$0] < elements[$1] }),
        elements[child] < elements[place]
      else { return least }
      elements.swapAt(place, child)
      place = child
    }
  }
}
