/// The facts that `h5tool inspect` shows.
import HDF5
import Keratin

/// What a checkpoint says of itself, and where asked what its numbers are like.
struct Inspection {
  let path: String
  let size: Int
  let checkpoint: Checkpoint
  /// The graph; nil for a file of weights alone.
  let graph: Graph?
  /// The layers and counts; nil for a file of weights alone.
  let summary: Summary?
  /// The step and the learning rate, where the file has the state of an optimizer and it is
  /// understood.
  let optimizer: OptimizerSlots?
  /// By the place of the layer and of its weight; nil where they were not asked for.
  let statistics: [[WeightStatistics]]?

  init(path: String, withStatistics: Bool) throws {
    self.path = path
    checkpoint = try Checkpoint(path: path)
    size = try File(path: path).size
    graph = try checkpoint.modelConfig.map { [checkpoint] in
      try Graph(modelConfig: $0, dialect: checkpoint.dialect)
    }
    summary = try graph.map { [checkpoint] in
      try Summary(
        $0, stored: checkpoint.layers, optimizer: checkpoint.optimizer.map(Summary.Size.init))
    }
    // A state that is not understood is still counted and listed.
    optimizer = try? checkpoint.optimizerHead()
    statistics =
      withStatistics
      ? try checkpoint.layers.map { try $0.weights.map { try WeightStatistics($0.tensor()) } } : nil
  }

  var kind: String { checkpoint.isWeightsOnly ? "weights only" : "full model" }

  /// The class of the optimizer, without the prefix of registered classes.
  var optimizerName: String? {
    let name = checkpoint.optimizerConfig?["class_name"]?.string
    return name?.split(separator: ">").last.map(String.init)
  }

  /// The learning rate of the state, or else of the compile settings.
  var learningRate: Double? {
    let config = checkpoint.optimizerConfig?["config"]
    return optimizer?.learningRate ?? config?["learning_rate"]?.double ?? config?["lr"]?.double
  }
}
