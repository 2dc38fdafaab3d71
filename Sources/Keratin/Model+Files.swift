/// Loading and saving.
public import KerasCheckpoint
public import ModelGraph
import Training

extension Model {
  /// Loads a full model: architecture, weights, and where the file has them compile settings and the
  /// state of the optimizer, so that training goes on where it stopped.
  ///
  /// - Parameters:
  ///   - path: an `.h5` file of any Keras generation that stores the architecture.
  ///   - compile: whether to use the stored compile settings. Settings that Keratin does not have
  ///     are in ``compileProblem``; the model then predicts and can be compiled.
  ///   - customLayers: the classes of layers that are not Keras's own, as `custom_objects` in Keras.
  /// - Throws: `ModelFileError`, which names the file and what is wrong with it.
  public static func load(
    _ path: String, compile: Bool = true, customLayers: [any Layer.Type] = [],
    seed: UInt64? = nil
  ) throws(ModelFileError) -> Model {
    do {
      return try Model(
        Checkpoint(path: path), compile: compile, customLayers: customLayers, seed: seed)
    } catch {
      throw ModelFileError(path: path, cause: error)
    }
  }

  /// The model of a checkpoint.
  ///
  /// - Throws: `ModelGraphError` where it holds no architecture or one that Keratin cannot run, or
  ///   where weights do not fit it.
  public convenience init(
    _ checkpoint: Checkpoint, compile: Bool = true, customLayers: [any Layer.Type] = [],
    seed: UInt64? = nil
  ) throws {
    guard let config = checkpoint.modelConfig else { throw ModelFileError.Reason.weightsOnly }
    let graph = try Graph(
      modelConfig: config, dialect: checkpoint.dialect, customLayers: customLayers)
    if let layer = graph.unsupportedLayers.first { throw layer.reason }
    self.init(graph, origin: checkpoint, seed: seed)
    if compile, let trainingConfig = checkpoint.trainingConfig {
      do {
        configuration = try TrainingConfiguration(trainingConfig: trainingConfig)
      } catch {
        settingsProblem = error
        // An optimizer that Keratin does not have is no hindrance to evaluating.
        var judged = trainingConfig
        judged["optimizer_config"] = ["class_name": .string(SGD.className), "config": [:]]
        configuration = try? TrainingConfiguration(trainingConfig: judged)
      }
      configuration?.treatsTokensApart = checkpoint.dialect == .keras3
    }
    do { try build() } catch let error as ModelGraphError where error.kind == .unknownInputShape {
      // The first data decides, as it did when the model was made.
    }
  }

  /// The model as a checkpoint holds it: Keras 3's layout for a model made here, and that of the file
  /// for one that was loaded, in the form that both generations read wherever there is one. One of Keras 1
  /// takes Keras 2's, whose functions it has, and weights in the layout of an older Keras take today's.
  ///
  /// - Throws: `ModelFileError.Reason.notBuilt` where the model has no weights yet.
  public func checkpoint() throws -> Checkpoint {
    guard let trainer else { throw ModelFileError.Reason.notBuilt }
    resumeOptimizer()
    let built = trainer.graph
    let isOfKeras1 = origin?.dialect == .keras1
    let isOld = isOfKeras1 || hasModernisedWeights
    let dialect = isOfKeras1 ? .keras2 : origin?.dialect ?? .keras3
    let layers = try built.layerWeights(
      trainer.variables, like: isOfKeras1 ? [] : origin?.layers ?? [])
    let config = try isOld ? built.graph.modelConfig().inKeras2 : origin?.modelConfig
    var checkpoint = Checkpoint(
      dialect: dialect, kerasVersion: isOfKeras1 ? nil : origin?.kerasVersion,
      backend: isOld ? "tensorflow" : origin.map(\.backend) ?? "tensorflow",
      modelConfig: config ?? built.graph.modelConfig(),
      trainingConfig: try trainingConfig(dialect), layers: layers,
      topLevelWeights: origin?.topLevelWeights ?? [],
      optimizer: isOld ? nil : origin?.optimizer,
      extraAttributes: origin?.extraAttributes ?? [],
      extraWeightsAttributes: origin?.extraWeightsAttributes ?? [])
    if let slots = trainer.optimizerSlots, compileProblem == nil {
      let names = Dictionary(
        uniqueKeysWithValues: zip(
          built.variables.map(\.name), layers.flatMap(\.weights).map(\.name)))
      try checkpoint.setOptimizerSlots(
        slots,
        variables: built.trainedVariables.map {
          TrainedVariable(name: names[$0.name] ?? $0.name, shape: $0.spec.shape)
        })
    }
    return checkpoint.widelyReadable().checkpoint
  }

  /// The compile settings to store: those of the file with today's learning rate, or new ones.
  private func trainingConfig(_ dialect: Dialect) throws(TrainingError) -> JSON? {
    guard let configuration = trainer?.configuration ?? configuration else {
      return origin?.trainingConfig
    }
    let config = try configuration.trainingConfig(for: dialect, outputs: graph.outputNames)
    guard isCompiledAsLoaded, origin?.dialect != .keras1, var stored = origin?.trainingConfig else {
      return config
    }
    guard compileProblem == nil else { return stored }
    let key = stored["optimizer_config"]?["config"]?["lr"] != nil ? "lr" : "learning_rate"
    if configuration.optimizer.shared.schedule == nil,
      stored["optimizer_config"]?["config"]?[key] != nil
    {
      stored["optimizer_config"]?["config"]?[key] = .number(
        Double(Float(configuration.optimizer.learningRate)))
    }
    return stored
  }

  /// Saves the whole model to an `.h5` file: architecture, weights, compile settings and the state of
  /// the optimizer. The file is replaced whole or not at all.
  ///
  /// - Throws: `ModelFileError`; what stood at the path then stands there still.
  public func save(_ path: String) throws(ModelFileError) {
    do {
      try Self.checkEnding(path)
      try checkpoint().write(to: path)
    } catch {
      throw ModelFileError(path: path, cause: error)
    }
  }

  /// Saves the weights alone to an `.h5` file, in the layout that `load_weights` of Keras 2 and 3
  /// reads.
  ///
  /// - Throws: as `save`.
  public func saveWeights(_ path: String) throws(ModelFileError) {
    do {
      try Self.checkEnding(path)
      var checkpoint = try checkpoint()
      checkpoint.modelConfig = nil
      checkpoint.trainingConfig = nil
      checkpoint.optimizer = nil
      try checkpoint.write(to: path)
    } catch {
      throw ModelFileError(path: path, cause: error)
    }
  }

  /// Loads the weights of an `.h5` file, a full model or weights alone, into this model.
  ///
  ///     print(try model.loadWeights("old.h5", byName: true, skipMismatch: true))
  ///
  /// - Parameters:
  ///   - byName: whether layers take the weights of the layer of the same name, and those that the file
  ///     does not have stay as they are; otherwise all are matched by their order.
  ///   - skipMismatch: whether layers whose weights do not fit are passed over.
  /// - Returns: which layers have new weights, which not, and what is doubtful.
  /// - Throws: `ModelFileError`; the weights are then as before.
  @discardableResult
  public func loadWeights(
    _ path: String, byName: Bool = false, skipMismatch: Bool = false
  ) throws(ModelFileError) -> WeightsReport {
    do {
      let trainer = try trainer ?? build()
      let checkpoint = try Checkpoint(path: path)
      return try trainer.graph.loadWeights(
        checkpoint.layers, of: checkpoint.weightsOrigin, into: trainer.variables,
        matching: byName ? .byName : .byPosition, skipsMismatches: skipMismatch)
    } catch {
      throw ModelFileError(path: path, cause: error)
    }
  }

  /// Takes the weights and the optimizer's state of a file that this model was saved to, so that training
  /// goes on where it was then.
  ///
  /// - Throws: `ModelFileError`.
  public func restore(from path: String) throws {
    do {
      let trainer = try trainer ?? build()
      let checkpoint = try Checkpoint(path: path)
      resumeOptimizer()
      let slots = try checkpoint.optimizerSlots()
      try trainer.graph.loadWeights(checkpoint.layers, into: trainer.variables)
      if let slots { try trainer.setOptimizerSlots(slots) }
      // Files of Keras 2 have the rate in the settings alone.
      if let rate = checkpoint.optimizerConfig?["config"]?["learning_rate"]?.double,
        slots?.learningRate == nil, configuration?.optimizer.shared.schedule == nil
      {
        learningRate = rate
      }
    } catch {
      throw ModelFileError(path: path, cause: error)
    }
  }

  /// Keras tells the layouts apart by the ends of names.
  private static func checkEnding(_ path: String) throws(ModelFileError.Reason) {
    if path.hasSuffix(".weights.h5") || path.hasSuffix(".keras") { throw .otherLayout }
  }
}
