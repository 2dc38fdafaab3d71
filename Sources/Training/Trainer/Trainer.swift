/// What trains, evaluates and runs a built graph.
public import Engine
public import ModelGraph
public import Tensors

/// A graph with its numbers: the weights, and what the optimizer keeps. Not for two threads at once.
public final class Trainer {
  public let graph: BuiltGraph

  /// The weights under the names that the graph gives them, and the slots of the optimizer under
  /// `optimizer/<number of the trained weight>/<slot>`.
  public let variables: Variables

  /// The number of batches that were trained on: that of updates, unless gradients are accumulated.
  public internal(set) var iterations = 0

  /// How the model is compiled; nil for a model that is only run.
  public private(set) var configuration: TrainingConfiguration?

  /// Whether the optimizer's slots have memory.
  var hasSlots = false

  /// How many threads compute. Results depend on it in their last bits.
  public var threads: Int { didSet { if threads != oldValue { sessions = [:] } } }

  /// Made on first use; a batch of another size or data of another shape has a plan of its own, and
  /// another one again where it runs so often that more can be prepared.
  private var sessions: [StepKey: [StepSession]] = [:]

  /// - Parameters:
  ///   - variables: holds the weights of the graph.
  ///   - threads: how many threads compute.
  public init(
    _ graph: BuiltGraph, variables: Variables, configuration: TrainingConfiguration? = nil,
    threads: Int
  ) {
    self.graph = graph
    self.variables = variables
    self.configuration = configuration
    self.threads = threads
    graph.resetStates(variables)
    resetOptimizer()
  }

  /// Compiles the model anew: the optimizer starts afresh.
  public func compile(_ configuration: TrainingConfiguration) {
    self.configuration = configuration
    sessions = [:]
    resetOptimizer()
  }

  /// The rate of the optimizer, for the updates to come; 0 before the model is compiled. Setting it
  /// ends a schedule.
  public var learningRate: Double {
    get {
      guard let optimizer = configuration?.optimizer else { return 0 }
      return optimizer.shared.schedule.map { Double($0.rate(after: iterations)) }
        ?? optimizer.learningRate
    }
    set {
      configuration?.optimizer.learningRate = newValue
      configuration?.optimizer.shared.schedule = nil
    }
  }

  /// - Parameter runs: the steps to come before a weight changes.
  func session(_ key: StepKey, runs: Int = 1) throws -> StepSession {
    if key.kind == .train || key.kind == .accumulate { makeSlots() }
    if let session = sessions[key]?.first(where: { $0.runs.contains(runs) }) { return session }
    let session = try StepSession(key, self, runs: runs)
    sessions[key, default: []].append(session)
    return session
  }

  /// The configuration.
  ///
  /// - Throws: `TrainingError` of kind `notCompiled`.
  func compiled(to action: String) throws(TrainingError) -> TrainingConfiguration {
    guard let configuration else { throw TrainingError(.notCompiled(action: action)) }
    return configuration
  }

  /// How the outputs are judged.
  ///
  /// - Throws: also where what was compiled does not fit the outputs.
  func judgement(to action: String) throws(TrainingError) -> Judgement {
    try Judgement(compiled(to: action), outputs: graph.graph.outputNames)
  }
}

extension Trainer {
  /// Every weight, in the graph's order.
  public var weights: [Tensor] {
    get throws {
      try graph.variables.map { variable in
        guard let tensor = variables.tensor(variable.name) else {
          throw EngineError(
            .variable(name: variable.name, expected: variable.spec.shape, found: nil))
        }
        return tensor
      }
    }
  }

  /// Replaces every weight, in the graph's order.
  ///
  /// - Throws: where one has another shape than the graph's; all are then as before.
  public func setWeights(_ weights: [Tensor]) throws {
    let specs = graph.variables
    guard weights.count == specs.count else {
      throw TrainingError(
        .data(name: "The list of weights", expected: "of \(specs.count)", found: "\(weights.count)")
      )
    }
    for (variable, tensor) in zip(specs, weights) where variable.spec.shape != tensor.shape {
      throw EngineError(
        .variable(name: variable.name, expected: variable.spec.shape, found: tensor.shape))
    }
    for (variable, tensor) in zip(specs, weights) { variables.set(variable.name, tensor) }
  }
}
