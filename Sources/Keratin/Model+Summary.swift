/// What a model is, as text.
public import KerasCheckpoint
public import ModelGraph

extension Model {
  /// The layers, their output shapes and parameters, as Keras's `summary()` prints them.
  public var summary: Summary {
    get throws {
      try Summary(
        trainer?.graph.graph ?? graph, stored: origin?.layers ?? [],
        optimizer: origin?.optimizer.map(Summary.Size.init))
    }
  }
}

extension Summary.Size {
  /// The variables of an optimizer.
  public init(_ state: OptimizerState) {
    self.init(
      count: state.weights.map(\.shape.count).reduce(0, +),
      bytes: state.weights.map { $0.shape.count * $0.dtype.size }.reduce(0, +))
  }
}
