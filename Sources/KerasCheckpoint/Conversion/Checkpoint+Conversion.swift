import Tensors

extension Checkpoint {
  /// A checkpoint made for other readers, and what it had to leave behind.
  public struct Conversion: Sendable {
    public var checkpoint: Checkpoint

    /// What was left out or could not be made readable, a sentence each. Weights never are.
    public var notes: [String]
  }

  /// The same model for the readers of one generation.
  ///
  /// Architecture, compile settings, names of weights and optimizer state take the form of that
  /// generation. A checkpoint of that generation stays as it is.
  ///
  /// - Throws: `CheckpointError` of kind `unconvertible`, naming what only the other generation can
  ///   compute; converting it would change predictions.
  public func converted(to dialect: Dialect) throws -> Conversion {
    guard dialect != self.dialect else { return Conversion(checkpoint: self, notes: []) }
    guard self.dialect != .keras1, dialect != .keras1 else {
      throw CheckpointError(
        .unconvertible(what: "a checkpoint of \(self.dialect)", to: dialect.description))
    }
    let readers: Readers = dialect == .keras2 ? .keras2 : .keras3
    var notes: [String] = []
    let config = try modelConfig.map { try ConfigConversion(readers: readers).model($0) }
    let training = trainingConfig.flatMap { Self.training($0, for: readers, notes: &notes) }
    let names = WeightNames(dialect: dialect, model: modelConfig?["config"]?["name"]?.string)
    var result = Checkpoint(
      dialect: dialect, backend: weightsOrigin.turnsKernels ? backend : "tensorflow",
      modelConfig: config, trainingConfig: training,
      layers: layers.map(names.renamed), topLevelWeights: topLevelWeights,
      extraAttributes: extraAttributes, extraWeightsAttributes: extraWeightsAttributes)
    if optimizer != nil, training != nil {
      do {
        try result.takeOptimizer(of: self, names)
      } catch let error as CheckpointError {
        notes.append("The optimizer's state is left out: \(error)")
      }
    }
    return Conversion(checkpoint: result, notes: notes)
  }

  /// How the model was compiled; nil, with a note, where the readers lack a part of it. That takes
  /// nothing from what the model predicts.
  private static func training(
    _ config: JSON, for readers: Readers, notes: inout [String]
  ) -> JSON? {
    var conversion = TrainingConversion(readers: readers)
    do {
      let converted = try conversion.training(config)
      notes += conversion.notes
      return converted
    } catch {
      notes.append("How the model was compiled is left out: \(error)")
      return nil
    }
  }

  private mutating func takeOptimizer(of other: Checkpoint, _ names: WeightNames) throws {
    guard let slots = try other.optimizerSlots() else { return }
    let variables = try other.variables(of: slots)
    try setOptimizerSlots(
      slots,
      variables: variables.map { layer, variable in
        TrainedVariable(name: names.name(variable.name, in: layer), shape: variable.shape)
      })
  }

  /// The variables that a state is about, each with the layer of its weight.
  private func variables(
    of slots: OptimizerSlots
  ) throws(CheckpointError) -> [(layer: String, variable: TrainedVariable)] {
    let trained = trainedVariables
    let fits =
      slots.slots.isEmpty
      || slots.slots.count == trained.count
        && zip(slots.slots, trained).allSatisfy { slots, variable in
          slots.values.allSatisfy { $0.shape == variable.shape }
        }
    guard fits else {
      throw CheckpointError(
        .optimizerStateCount(
          optimizer: optimizerConfig?["class_name"]?.string ?? "the optimizer",
          expected: "of the \(trained.count) trained weights", found: slots.slots.count))
    }
    var layerOf: [String: String] = [:]
    for layer in layers { for weight in layer.weights { layerOf[weight.name] = layer.name } }
    return trained.map { (layerOf[$0.name] ?? "", $0) }
  }

  /// The same model in the form that the most readers understand: of its own dialect, and of the
  /// other generation too where that can be.
  ///
  /// A Keras 3 checkpoint so written loads, evaluates and fits in tf_keras as well, and a Keras 2 one
  /// loads and evaluates in Keras 3; each starts a fresh optimizer there. What only one generation
  /// can say stays in its form, with a note of what it was.
  public func widelyReadable() -> Conversion {
    guard dialect != .keras1 else { return Conversion(checkpoint: self, notes: []) }
    var result = self
    var notes: [String] = []
    if let modelConfig {
      do {
        result.modelConfig = try ConfigConversion(readers: .both).model(modelConfig)
      } catch {
        notes.append("Only \(dialect) can read the model: \(error)")
      }
    }
    guard let trainingConfig else { return Conversion(checkpoint: result, notes: notes) }
    // Keras 2 restores its optimizer's state by the class that only it knows.
    let optimizer = dialect == .keras2 ? optimizerConfig : nil
    var complaints: [String] = []
    if let training = Self.training(trainingConfig, for: .both, notes: &complaints) {
      result.trainingConfig = training
    } else {
      notes.append("Only \(dialect) can read how the model was compiled.")
      if dialect == .keras3,
        let training = Self.training(trainingConfig, for: .keras3, notes: &complaints)
      {
        result.trainingConfig = training
      }
    }
    if let optimizer { result.trainingConfig?["optimizer_config"] = optimizer }
    return Conversion(checkpoint: result, notes: notes)
  }
}

extension JSON {
  /// A configuration in Keras 3's words of a model whose functions are Keras 2's, in those of Keras 2.
  ///
  /// - Throws: `CheckpointError` of kind `unconvertible` where Keras 2 has no words for it.
  package var inKeras2: JSON {
    get throws(CheckpointError) {
      try ConfigConversion(readers: .keras2, hasHardSigmoidOfKeras2: true).model(self)
    }
  }
}
