/// Reading the connections of a Functional model.
import KerasCheckpoint

extension Graph {
  init(functionalConfig config: JSON, dialect: Dialect) throws(ModelGraphError) {
    guard let list = config["layers"]?.array else {
      throw ModelGraphError(.missingKey, at: .init(key: "layers"))
    }
    try Self.limit(list.count, "layers")
    guard !list.isEmpty else { throw ModelGraphError(.noLayers) }
    var layers: [any Layer] = []
    var calls: [Call] = []
    for (place, json) in list.enumerated() {
      let entry = try LayerEntry(json, dialect)
      layers.append(try entry.layer())
      calls += try Self.calls(entry, layer: place)
      try Self.limit(calls.count, "calls of layers")
    }
    try self.init(
      ordering: calls, of: layers, name: config["name"]?.string ?? "functional", config)
    let known: Set = ["name", "layers", "input_layers", "output_layers"]
    unknown = (config.object ?? [:]).filter { !known.contains($0.key) }
    ports = (config.object ?? [:]).filter { $0.key == "input_layers" || $0.key == "output_layers" }
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
    // A model inside the model was called once when it was made, before it had a place in this one.
    let first = ["Sequential", "Functional", "Model"].contains(entry.className) ? 1 : 0
    let names = Catalogue.layer(entry.className)?.namedArguments ?? .none
    for (index, node) in nodes.enumerated() {
      var call = Call(layer: layer, index: first + index)
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
      if !arguments.constants.isEmpty, Catalogue.layer(entry.className)?.takesConstants != true {
        call.problem = .unsupportedOption(value: "a number as the input of a call")
      }
      calls.append(call)
    }
    return calls
  }

  /// Puts calls in an order in which each follows those that it needs: again and again the first in
  /// the configuration that can go, without recursion.
  private init(
    ordering calls: [Call], of layers: [any Layer], name: String, _ config: JSON
  ) throws(ModelGraphError) {
    let layers = try LayerNames.complete(layers)
    let places = Dictionary(
      uniqueKeysWithValues: layers.enumerated().map { ($1.name, $0) })
    var callPlaces: [CallKey: Int] = [:]
    for (place, call) in calls.enumerated() {
      callPlaces[CallKey(layer: call.layer, index: call.index)] = place
    }
    func place(of reference: TensorReference, _ layer: String?) throws(ModelGraphError) -> Int {
      guard let source = places[reference.layer] else {
        throw ModelGraphError(.danglingReference(to: reference.layer), at: .init(layer: layer))
      }
      // A nested model's own first call is written as 0 by some versions and as 1 by others.
      for index in [reference.call, reference.call + 1, reference.call - 1] {
        if index != reference.call, (layers[source] as? UnsupportedLayer)?.isModel != true {
          continue
        }
        if let call = callPlaces[CallKey(layer: source, index: index)] { return call }
      }
      throw ModelGraphError(
        .danglingReference(to: "\(reference.layer)[\(reference.call)]"), at: .init(layer: layer))
    }

    var waiting = [Int](repeating: 0, count: calls.count)
    var followers = [[Int]](repeating: [], count: calls.count)
    for (index, call) in calls.enumerated() {
      for reference in call.inputs + call.masks.sorted(by: { $0.key < $1.key }).map(\.value) {
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
    func port(_ reference: TensorReference, _ layer: String?) throws(ModelGraphError) -> Port {
      Port(nodePlaces[try place(of: reference, layer)], reference.output)
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
    for reference in try TensorReference.list(config["input_layers"], key: "input_layers") {
      inputs.append(try port(reference, nil))
    }
    var outputs: [Port] = []
    for reference in try TensorReference.list(config["output_layers"], key: "output_layers") {
      outputs.append(try port(reference, nil))
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
