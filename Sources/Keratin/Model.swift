/// A Keras model: layers, weights and how it is trained.
import Engine
import KerasCheckpoint
public import ModelGraph
import Tensors
public import Training

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A model that can be compiled, trained, evaluated, asked for predictions and saved, under Keras's
/// names and with Keras's meanings.
///
///     let model = try Model.load("best_model.h5")
///     let probabilities = try model.predict(x)
///
/// A model whose first layer says no input shape gets its weights with the first data it sees, as in
/// Keras. A model is used by one thread at a time.
public class Model {
  public let graph: Graph

  /// The checkpoint that the model was loaded from: what it has beyond graph and weights is saved
  /// again with the model.
  let origin: Checkpoint?

  /// What the weights, dropout and the order of samples are drawn from, unless a call says another.
  public let seed: UInt64

  /// How many threads compute: as many as the machine has cores, unless it is set. Results depend on
  /// it in their last bits.
  ///
  /// - Precondition: it is 1 or more.
  public var threads = max(1, ProcessInfo.processInfo.activeProcessorCount) {
    didSet {
      precondition(threads > 0, "\(threads) threads cannot compute")
      trainer?.threads = threads
    }
  }

  /// The weights in the engine's memory; nil until the shape of the input is known.
  var trainer: Trainer?

  /// How the model is compiled; nil where it is not.
  public internal(set) var configuration: TrainingConfiguration?

  /// Whether `configuration` is the one that was loaded, which is then saved as it was.
  var isCompiledAsLoaded: Bool

  /// Why the compile settings or the optimizer's state of the file could not be used; nil where they
  /// could. The model predicts all the same, and evaluates where loss and metrics are known.
  public var compileProblem: (any Error)? {
    resumeOptimizer()
    return settingsProblem ?? stateProblem
  }

  /// What became of the weights of the file that the model was loaded from; nil for a model made here,
  /// and until the shape of the input is known.
  public private(set) var weightsReport: WeightsReport?

  var settingsProblem: (any Error)?
  private var stateProblem: (any Error)?

  /// Whether the state of the optimizer is still in the file alone: it is read when training or
  /// saving asks for it, since evaluating and predicting need none of it.
  private var hasStoredState = false

  /// - Parameters:
  ///   - graph: the architecture.
  ///   - seed: what weights, dropout and order are drawn from; nil for a seed that is drawn itself.
  public init(_ graph: Graph, seed: UInt64? = nil) {
    self.graph = graph
    self.seed = seed ?? .random(in: 0..<1 << 32)
    origin = nil
    isCompiledAsLoaded = false
  }

  init(_ graph: Graph, origin: Checkpoint, seed: UInt64?) {
    self.graph = graph
    self.origin = origin
    self.seed = seed ?? .random(in: 0..<1 << 32)
    isCompiledAsLoaded = origin.trainingConfig != nil
  }

  public var name: String { graph.name }

  /// Says how the model is trained and judged, and starts the optimizer afresh.
  ///
  ///     model.compile(optimizer: Adam(), loss: .binaryCrossentropy, metrics: [.acc])
  ///
  /// Of several outputs each has the loss and the metrics.
  public func compile(optimizer: any Optimizer = RMSprop(), loss: Loss, metrics: [Metric] = []) {
    compile(TrainingConfiguration(optimizer: optimizer, loss: loss, metrics: metrics))
  }

  /// Says how a model with several outputs is trained and judged, output by output.
  ///
  ///     model.compile(
  ///       optimizer: Adam(), loss: ["price": .mse, "kind": .categoricalCrossentropy],
  ///       lossWeights: ["kind": 0.2], metrics: ["kind": [.acc]])
  ///
  /// - Parameters:
  ///   - loss: an output without one is not trained.
  ///   - lossWeights: what losses are multiplied by in the sum; 1 where nothing is said.
  ///   - weightedMetrics: metrics in which samples count by their weights.
  public func compile(
    optimizer: any Optimizer = RMSprop(), loss: PerOutput<Loss>,
    lossWeights: PerOutput<Double>? = nil, metrics: PerOutput<[Metric]> = .all([]),
    weightedMetrics: PerOutput<[Metric]> = .all([])
  ) {
    compile(
      TrainingConfiguration(
        optimizer: optimizer, loss: loss, lossWeights: lossWeights, metrics: metrics,
        weightedMetrics: weightedMetrics))
  }

  private func compile(_ configuration: TrainingConfiguration) {
    var configuration = configuration
    // Stored in a file of Keras 2, these settings will mean what they mean there; so they do now.
    if let origin { configuration.treatsTokensApart = origin.dialect == .keras3 }
    self.configuration = configuration
    settingsProblem = nil
    stateProblem = nil
    hasStoredState = false
    isCompiledAsLoaded = false
    trainer?.compile(configuration)
  }

  @discardableResult
  func prepare(for x: some ModelData) throws -> Trainer {
    if let trainer { return trainer }
    let inputs = try x.inputs(graph.inputNames)
    return try build(inputs.map { LayerShape($0.shape.dimensions).withoutBatch })
  }

  /// Gives the model memory and weights for data of the shape of `x`, unless it has them.
  ///
  /// - Throws: `ModelGraphError` where the layers do not fit the shape.
  public func build(for x: some ModelData) throws { try prepare(for: x) }

  /// Gives the model memory and weights.
  ///
  /// - Parameter inputShapes: one per input, the batch first; not needed where the model says them.
  @discardableResult
  public func build(_ inputShapes: [LayerShape]? = nil) throws -> Trainer {
    var built = try graph.built(inputShapes: inputShapes)
    built.penalisesFrozenWeights = origin.map { $0.dialect != .keras3 } ?? false
    let variables = Variables()
    if let origin {
      weightsReport = try built.loadWeights(
        origin.layers, of: origin.weightsOrigin, into: variables)
    } else {
      try built.initialise(variables, seed: seed)
    }
    let trainer = Trainer(
      built, variables: variables, configuration: configuration, threads: threads)
    hasStoredState =
      configuration != nil && settingsProblem == nil && origin != nil && isCompiledAsLoaded
    if hasStoredState, origin?.optimizer != nil, hasModernisedWeights {
      hasStoredState = false
      weightsReport?.notes.append(
        "The state of the optimizer is in the layout of an older Keras too and is left out; training "
          + "goes on with a fresh one.")
    }
    self.trainer = trainer
    return trainer
  }

  /// Whether the weights have another layout here than in the file that the model was loaded from.
  var hasModernisedWeights: Bool {
    origin?.weightsOrigin.isToday == false
      || weightsReport?.loaded.contains { $0.isConverted } == true
  }

  /// Lets the optimizer go on from the state in the file, unless it does already.
  func resumeOptimizer() {
    guard hasStoredState, let origin, let trainer else { return }
    hasStoredState = false
    do {
      if let slots = try origin.optimizerSlots() { try trainer.setOptimizerSlots(slots) }
    } catch {
      // Predicting and evaluating need no state; training says what it lacks.
      stateProblem = error
    }
  }

  /// Draws every weight anew, and starts the optimizer afresh.
  public func initialise(seed: UInt64) throws {
    let trainer = try trainer ?? build()
    try trainer.graph.initialise(trainer.variables, seed: seed)
    guard let configuration else { return }
    trainer.compile(configuration)
    // A state that could not be used, or was not yet, is not needed any more.
    stateProblem = nil
    hasStoredState = false
  }
}
