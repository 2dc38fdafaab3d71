/// What a model is, at a glance: layers, output shapes, parameter counts.
public import KerasCheckpoint
import Tensors

/// The facts of Keras's `model.summary()`; ``text`` prints them as Keras does.
///
/// A model with layers that Keratin cannot run has a summary too: such a layer shows its class, the
/// parameters that the file holds for it, and "not supported yet"; shapes behind it are unknown.
public struct Summary: Sendable {
  public let name: String
  public let rows: [Row]
  /// Whether the model is more than a chain, so that rows say what they are connected to.
  public let showsConnections: Bool
  public let trainable: Size
  public let nonTrainable: Size
  /// The optimizer's variables, where they are known.
  public let optimizer: Size?

  /// One layer.
  public struct Row: Sendable {
    public let name: String
    public let className: String
    /// The shapes of the results; nil where they are not known.
    public let outputShapes: [LayerShape]?
    /// The number of parameters; nil where the layer is not built.
    public let parameterCount: Int?
    public let isTrainable: Bool
    public let isSupported: Bool
    /// What each call takes, such as `embedding[0][0]`.
    public let connections: [String]
  }

  /// A number of parameters, and the memory that they take.
  public struct Size: Sendable, Hashable {
    public var count: Int
    public var bytes: Int

    public init(count: Int = 0, bytes: Int = 0) {
      self.count = count
      self.bytes = bytes
    }

    /// What a file claims may be more than an `Int` counts; then the greatest one stands for it.
    init(elements count: Int, of size: Int) {
      let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
      self.init(count: count, bytes: overflow ? .max : bytes)
    }

    static func + (a: Size, b: Size) -> Size {
      func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
      }
      return Size(count: sum(a.count, b.count), bytes: sum(a.bytes, b.bytes))
    }
  }

  public var total: Size { trainable + nonTrainable + (optimizer ?? Size()) }

  /// - Parameters:
  ///   - inputShapes: the shapes to build for, where the model does not say them.
  ///   - stored: the weights of a file, which tell the parameters of layers that are not supported.
  ///   - optimizer: the optimizer's variables, where there are any.
  public init(
    _ graph: Graph, inputShapes: [LayerShape]? = nil, stored: [LayerWeights] = [],
    optimizer: Size? = nil
  ) throws(ModelGraphError) {
    let inference = try graph.inferred(inputShapes)
    let weights = Dictionary(stored.map { ($0.name, $0.weights) }, uniquingKeysWith: { a, _ in a })
    name = graph.name
    showsConnections = !graph.isChain
    self.optimizer = optimizer
    var trainable = Size()
    var nonTrainable = Size()
    var rows: [Row] = []
    for (place, layer) in inference.graph.layers.enumerated() {
      if graph.form == .sequential, layer is InputLayer { continue }
      let sizes = Self.sizes(layer, inference.weights[place], weights[layer.name])
      if let sizes {
        trainable = trainable + sizes.trainable
        nonTrainable = nonTrainable + sizes.nonTrainable
      }
      let calls = graph.nodes.indices.filter { graph.nodes[$0].layer == place }
      rows.append(
        Row(
          name: layer.name, className: layer.displayClassName,
          outputShapes: calls.last.flatMap { inference.shapes[$0] },
          parameterCount: sizes.map { ($0.trainable + $0.nonTrainable).count },
          isTrainable: layer.trainable, isSupported: !(layer is UnsupportedLayer),
          connections: calls.flatMap { graph.connections(graph.nodes[$0]) }))
    }
    self.rows = rows
    self.trainable = trainable
    self.nonTrainable = nonTrainable
  }

  /// The sizes of a layer's weights: as it says itself, else as the file has them.
  private static func sizes(
    _ layer: any Layer, _ specs: [WeightSpec]?, _ stored: [Weight]?
  ) -> (trainable: Size, nonTrainable: Size)? {
    if let specs {
      return split(specs.map { (Size(elements: $0.shape.count, of: 4), $0.isTrained) }, layer)
    }
    if let stored {
      let sizes = stored.map { weight in
        (
          Size(elements: weight.shape.count, of: weight.dtype.size),
          !statistics.contains(weight.baseName)
        )
      }
      return split(sizes, layer)
    }
    return layer.isBuiltAtOnce && !(layer is UnsupportedLayer) ? (Size(), Size()) : nil
  }

  /// Weights that training does not change, by the names that all layers of Keras give them.
  private static let statistics: Set = [
    "moving_mean", "moving_variance", "running_mean", "running_std", "seed_generator_state",
  ]

  private static func split(
    _ sizes: [(Size, isTrained: Bool)], _ layer: any Layer
  ) -> (trainable: Size, nonTrainable: Size) {
    var result = (trainable: Size(), nonTrainable: Size())
    for (size, isTrained) in sizes {
      if isTrained, layer.trainable {
        result.trainable = result.trainable + size
      } else {
        result.nonTrainable = result.nonTrainable + size
      }
    }
    return result
  }
}

extension Graph {
  /// Whether each layer is called once, on the result of the one before alone.
  fileprivate var isChain: Bool {
    if form == .sequential { return true }
    let used = nodes.flatMap { $0.sources }
    return Set(used.map(\.node)).count == used.count && inputs.count == 1
      && nodes.allSatisfy { $0.inputs.count <= 1 } && Set(nodes.map(\.layer)).count == nodes.count
      && nodes.count == used.count + 1
  }

  fileprivate func connections(_ node: Node) -> [String] {
    node.sources.map { port in
      let source = nodes[port.node]
      return "\(layer(of: source).name)[\(source.call)][\(port.output)]"
    }
  }
}
