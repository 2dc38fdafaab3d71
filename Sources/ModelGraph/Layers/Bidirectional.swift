/// Two recurrent layers, one of which reads the sequence from its end.
import Engine
public import KerasCheckpoint

/// The outputs of both layers for the same `[N, T, D]`, as `mergeMode` says: side by side `[…, 2H]`, their
/// sum, product or average `[…, H]`, or with nil one after the other as outputs of their own. Outputs of all
/// steps stand by time, and a masked step's are zero. With `returnState` the last states follow, those of
/// the forward layer first; so do initial states among the inputs.
///
/// Weights: those of the forward layer, those of the backward layer, each after its layer's name.
/// Source: `keras/src/layers/rnn/bidirectional.py`; Schuster and Paliwal 1997, doi:10.1109/78.650093.
public struct Bidirectional: Layer {
  public static let className = "Bidirectional"
  public static let furtherInputs: String? = "initial_state"
  public static let namedArguments = NamedArguments(lists: ["initial_state"])

  /// How the outputs of both layers become one.
  public enum MergeMode: String, Sendable, CaseIterable {
    case concat, sum, mul, ave
  }

  public var attributes: LayerAttributes
  public private(set) var forwardLayer: any RecurrentLayer
  public private(set) var backwardLayer: any RecurrentLayer
  public var mergeMode: MergeMode?

  /// - Parameters:
  ///   - layer: the layer to read the sequence in both directions.
  ///   - backwardLayer: another one to read it from the end, which its `goBackwards` has to say; it gives
  ///     the same outputs as `layer`, all steps or the last, with or without states.
  public init(
    _ layer: any RecurrentLayer, mergeMode: MergeMode? = .concat,
    backwardLayer: (any RecurrentLayer)? = nil, name: String? = nil, trainable: Bool = true
  ) {
    attributes = LayerAttributes(name: name, trainable: trainable)
    forwardLayer = layer
    self.backwardLayer = backwardLayer ?? layer.reversed
    self.mergeMode = mergeMode
    let base = layer.name.isEmpty ? LayerNames.snakeCase(type(of: layer).className) : layer.name
    forwardLayer.name = base.prefixed("forward_")
    if self.backwardLayer.name.isEmpty || backwardLayer == nil {
      self.backwardLayer.name = base.prefixed("backward_")
    }
    zeroMaskedOutputs()
  }

  public init(config: inout LayerConfig) throws(ModelGraphError) {
    attributes = try config.attributes()
    mergeMode =
      config.isNull("merge_mode") ? nil : try config.choice("merge_mode", default: .concat)
    guard let forward = try config.recurrentLayer("layer") else {
      throw config.missing("layer")
    }
    let backward = try config.recurrentLayer("backward_layer")
    // Keras 3 writes both layers with the names that they bear.
    let isNamed = config.dialect == .keras3
    forwardLayer = forward
    backwardLayer = backward ?? forward.reversed
    forwardLayer.name = isNamed ? forward.name.prefixed("forward_") : "forward_" + forward.name
    if backward == nil || !isNamed {
      let base = backwardLayer.name
      backwardLayer.name = isNamed ? base.prefixed("backward_") : "backward_" + base
    }
    zeroMaskedOutputs()
    try config.refuseCellConstants()
    do { try checkLayers() } catch {
      throw error.located(layer: config.layerName, className: config.className)
    }
  }

  /// Keras does so, whatever the layers say.
  private mutating func zeroMaskedOutputs() {
    forwardLayer.recurrence.zeroOutputForMask = forwardLayer.recurrence.returnSequences
    backwardLayer.recurrence.zeroOutputForMask = backwardLayer.recurrence.returnSequences
  }

  /// - Throws: `ModelGraphError` where the layers do not belong together.
  private func checkLayers() throws(ModelGraphError) {
    let (one, other) = (forwardLayer.recurrence, backwardLayer.recurrence)
    for (key, found, expected) in [
      ("go_backwards", other.goBackwards, !one.goBackwards),
      ("stateful", other.stateful, one.stateful),
      ("return_sequences", other.returnSequences, one.returnSequences),
      ("return_state", other.returnState, one.returnState),
    ] where found != expected {
      throw ModelGraphError(
        .wrongValue(expected: "\(key) = \(expected)", found: "\(found)"),
        at: .init(key: "backward_layer"))
    }
  }

  public var settings: [String: JSON] {
    [
      "layer": forwardLayer.entry(.complete), "backward_layer": backwardLayer.entry(.complete),
      "merge_mode": mergeMode.map { .string($0.rawValue) } ?? .null,
    ]
  }

  public var wrapped: [any Layer] { [forwardLayer, backwardLayer] }

  public func called(_ options: CallOptions) -> any Layer {
    var layer = self
    layer.forwardLayer.recurrence.isGivenMask = options.givesMask
    layer.backwardLayer.recurrence.isGivenMask = options.givesMask
    return layer
  }

  public func weights(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    var specs: [WeightSpec] = []
    for (layer, inputs) in zip(wrapped, try divided(inputs)) {
      specs += try layer.weights(inputs).map { $0.inside(layer) }
    }
    return specs
  }

  public func states(_ inputs: [LayerShape]) throws(ModelGraphError) -> [WeightSpec] {
    var specs: [WeightSpec] = []
    for (layer, inputs) in zip(wrapped, try divided(inputs)) {
      specs += try layer.states(inputs).map { $0.inside(layer) }
    }
    return specs
  }

  public func outputShapes(_ inputs: [LayerShape]) throws(ModelGraphError) -> [LayerShape] {
    try checkLayers()
    let inputs = try divided(inputs)
    let forward = try forwardLayer.outputShapes(inputs[0])
    let backward = try backwardLayer.outputShapes(inputs[1])
    let states = forward.dropFirst() + backward.dropFirst()
    guard let mergeMode else { return [forward[0], backward[0]] + states }
    var output = forward[0]
    var other = backward[0]
    if mergeMode == .concat {
      // Along the last axis they may differ.
      if let width = output[-1], let more = other[-1] { output[-1] = width + more }
      other[-1] = output[-1]
    }
    guard output == other else {
      throw ModelGraphError(
        .wrongValue(
          expected: "outputs of the layer's shape, \(forward[0])", found: "\(backward[0])"),
        at: .init(key: "backward_layer"))
    }
    return [output] + states
  }

  /// What each of the two layers takes: the sequence, and its half of the initial states.
  private func divided<Input>(_ inputs: [Input]) throws(ModelGraphError) -> [[Input]] {
    guard let sequence = inputs.first, inputs.count % 2 == 1 else {
      throw ModelGraphError(.inputCount(expected: 1, found: inputs.count))
    }
    let half = inputs.count / 2
    return [[sequence] + inputs[1..<1 + half], [sequence] + inputs[(1 + half)...]]
  }

  public func call(_ inputs: [Signal], _ context: LayerContext) throws -> [Signal] {
    let inputs = try divided(inputs)
    let forward = try forwardLayer.call(inputs[0], context.inside(forwardLayer, place: 0))
    let backward = try backwardLayer.call(
      inputs[1], context.inside(backwardLayer, place: 1), reversesOutputs: true)
    let (one, other) = (forward[0].value, backward[0].value)
    let states = forward.dropFirst() + backward.dropFirst()
    let merged =
      switch mergeMode {
      case nil: [one, other]
      case .concat: [try one.concatenated(with: [other], axis: -1)]
      case .sum: [try one + other]
      case .mul: [try one * other]
      case .ave: [try (one + other).scaled(by: 0.5)]
      }
    return merged.map { Signal($0, mask: forward[0].mask) } + states
  }
}

extension RecurrentLayer {
  /// The layer in the other direction.
  fileprivate var reversed: Self {
    var layer = self
    layer.recurrence.goBackwards.toggle()
    return layer
  }
}

extension LayerConfig {
  /// A recurrent layer that this one wraps; nil where the key is absent or null.
  fileprivate mutating func recurrentLayer(
    _ key: String
  ) throws(ModelGraphError) -> (any RecurrentLayer)? {
    guard let layer = try layer(key) else { return nil }
    guard let recurrent = layer as? any RecurrentLayer else {
      throw unsupported(key, "a wrapped layer of class \(type(of: layer).className)")
    }
    return recurrent
  }
}

extension String {
  /// The name with a prefix that it may have already.
  fileprivate func prefixed(_ prefix: String) -> String {
    hasPrefix(prefix) ? self : prefix + self
  }
}
