/// A model as layers and their connections.
import KerasCheckpoint

/// A directed acyclic graph of layers; a Sequential model is a chain. It has no numbers: weights are
/// known by name and shape once it is built for the shape of its data.
///
/// A layer stands once in ``layers``, however often the model calls it; each call is a node.
public struct Graph: Sendable {
  public var name: String
  public let form: Form
  /// The layers in the order of the configuration, which is the order of the stored weights. Names
  /// are unique.
  public internal(set) var layers: [any Layer]
  /// The calls of layers, each after the calls whose results it takes.
  public internal(set) var nodes: [Node]
  /// The nodes of the input layers, in the order in which data is passed.
  public internal(set) var inputs: [Port]
  public internal(set) var outputs: [Port]
  /// Whether the shape of the input was left to the first data. Keras then puts the model's name in
  /// front of the names of weights.
  public internal(set) var isDeferred = false
  /// Keys of a stored configuration, beside the layers, that no rule knows.
  var unknown: [String: JSON] = [:]
  /// How the configuration has inputs and outputs, where it is more than a list.
  var ports: [String: JSON] = [:]

  /// The classes of models in Keras.
  public enum Form: String, Sendable {
    case sequential = "Sequential"
    case functional = "Functional"
  }

  /// One call of a layer.
  public struct Node: Sendable {
    /// The layer's place in ``Graph/layers``.
    public var layer: Int
    public var inputs: [Port]
    /// Where masks come from that are passed beside the inputs, by the places of these.
    public var masks: [Int: Port] = [:]
    /// What the call names.
    public var options = CallOptions()
    /// How often the layer was called before.
    public var call: Int
    /// The stored form of the call's arguments, in Keras 3's dialect.
    var arguments: JSON?
    /// Why the call cannot be run, although its layer can.
    var problem: ModelGraphError?

    /// What the call waits for: its inputs and the masks beside them.
    var sources: [Port] { inputs + masks.sorted { $0.key < $1.key }.map(\.value) }

    init(layer: Int, inputs: [Port], call: Int = 0) {
      self.layer = layer
      self.inputs = inputs
      self.call = call
    }
  }

  /// One result of a node.
  public struct Port: Sendable, Hashable {
    public var node: Int
    public var output: Int

    public init(_ node: Int, _ output: Int = 0) {
      self.node = node
      self.output = output
    }
  }

  /// The layer that a node calls.
  public func layer(of node: Node) -> any Layer { layers[node.layer].called(node.options) }

  /// The layers that Keratin cannot run; empty for a model that can be run.
  public var unsupportedLayers: [UnsupportedLayer] { layers.flatMap(\.unsupportedParts) }
}

extension Graph {
  /// A chain of layers, each of which takes the result of the one before.
  ///
  /// Layers without a name get one as Keras names them: `conv1d`, `dense`, `dense_1`. Where the
  /// first is no `InputLayer`, the shape of the data decides the shapes when the model is built.
  ///
  /// - Throws: `ModelGraphError` where there is no layer or two have the same name.
  public init(sequential layers: [any Layer], name: String = "sequential") throws(ModelGraphError) {
    var layers = layers
    guard layers.contains(where: { !($0 is InputLayer) }) else { throw ModelGraphError(.noLayers) }
    let isDeferred = !(layers[0] is InputLayer)
    if isDeferred { layers.insert(InputLayer(batchShape: nil), at: 0) }
    try self.init(chain: layers, name: name)
    self.isDeferred = isDeferred
  }

  /// - Precondition: `layers` begins with an input layer.
  init(chain layers: [any Layer], name: String) throws(ModelGraphError) {
    self.name = name
    form = .sequential
    self.layers = try LayerNames.complete(layers)
    nodes = layers.indices.map { Node(layer: $0, inputs: $0 == 0 ? [] : [Port($0 - 1)]) }
    inputs = [Port(0)]
    outputs = [Port(layers.count - 1)]
  }

  init(
    name: String, functional layers: [any Layer], nodes: [Node], inputs: [Port], outputs: [Port]
  ) {
    self.name = name
    form = .functional
    self.layers = layers
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
  }
}
