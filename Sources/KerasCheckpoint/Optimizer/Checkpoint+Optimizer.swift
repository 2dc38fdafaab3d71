extension Checkpoint {
  /// The configuration of the optimizer: `{"class_name": "Adam", "config": …}`.
  public var optimizerConfig: JSON? { trainingConfig?["optimizer_config"] }

  /// The optimizer's state by iteration, variable and slot; nil where the file holds none.
  public func optimizerSlots() throws -> OptimizerSlots? {
    guard let optimizer else { return nil }
    guard let config = optimizerConfig else { throw CheckpointError(.noOptimizerConfig) }
    return try optimizer.slots(
      optimizerConfig: config, layout: OptimizerLayout(dialect: dialect, optimizerConfig: config))
  }

  /// The state without its slots: the iteration and the learning rate; nil where the file holds none.
  /// The arrays of the slots are not read.
  ///
  /// - Throws: as ``optimizerSlots()``.
  public func optimizerHead() throws -> OptimizerSlots? {
    guard let optimizer else { return nil }
    guard let config = optimizerConfig else { throw CheckpointError(.noOptimizerConfig) }
    return try optimizer.head(
      optimizerConfig: config, layout: OptimizerLayout(dialect: dialect, optimizerConfig: config)
    ).head
  }

  /// Sets the optimizer's state, to be written in the layout of this checkpoint.
  ///
  /// - Parameter variables: the trained variables, in the model's order and under the names of their
  ///   weights here.
  public mutating func setOptimizerSlots(
    _ slots: OptimizerSlots, variables: [TrainedVariable]
  ) throws(CheckpointError) {
    guard let config = optimizerConfig else { throw CheckpointError(.noOptimizerConfig) }
    optimizer = try OptimizerState(
      slots, variables: variables, optimizerConfig: config,
      layout: OptimizerLayout(dialect: dialect, optimizerConfig: config))
  }

  /// The weights that training changes, as far as a file tells without the code of its layers: those
  /// of layers that are not frozen, without the statistics and counters that layers keep.
  package var trainedVariables: [TrainedVariable] {
    let kept: Set = [
      "moving_mean", "moving_variance", "mean", "variance", "count", "seed_generator_state",
      "renorm_mean", "renorm_stddev",
    ]
    var frozen: Set<String> = []
    for layer in modelConfig?["config"]?["layers"]?.array ?? [] {
      guard layer["config"]?["trainable"] == false, let name = layer["config"]?["name"]?.string
      else { continue }
      frozen.insert(name)
    }
    return layers.filter { !frozen.contains($0.name) }.flatMap(\.weights)
      .filter { !kept.contains($0.baseName) }
      .map { TrainedVariable(name: $0.name, shape: $0.shape) }
  }
}
