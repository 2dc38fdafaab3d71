/// How parameters are changed along their gradients.
public import Engine
public import KerasCheckpoint
public import Tensors

/// An optimizer: its settings under Keras's names, with Keras's defaults, and its rule as ops.
///
/// A conforming type is a value; what it remembers from update to update are *slots*, tensors of the
/// shape of each trained parameter, which the trainer holds.
public protocol Optimizer: Sendable {
  /// The class in Keras, such as `Adam`.
  static var className: String { get }

  /// The name of the object in Keras's configuration, such as `adam`.
  var name: String { get set }

  /// How far one update goes. A float32, as in Keras.
  var learningRate: Double { get set }

  /// What all optimizers have: clipping, decay, schedule, averages.
  var shared: SharedOptions { get set }

  /// Keras's names of the slots for each parameter, in the order in which Keras makes them.
  var slotNames: [String] { get }

  /// The shape of a slot of a parameter: the same, for most.
  func slotShape(_ slot: String, of parameter: Shape) -> Shape

  /// What a slot begins with.
  func initialValue(of slot: String) -> Float

  /// What stands for the squares of an embedding's gradient token by token; nil where there is no use
  /// for them.
  var measure: UnaryFunction? { get }

  /// The optimizer's own settings under Keras's keys.
  var options: [String: JSON] { get }

  /// Takes the optimizer's own settings from a stored configuration.
  init(options: inout OptimizerOptions) throws(TrainingError)

  /// Whether `decay` is of the learning rate.
  static var decaysRate: Bool { get }

  /// Builds one update of one parameter.
  func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result
}

extension Optimizer {
  public func slotShape(_ slot: String, of parameter: Shape) -> Shape { parameter }
  public func initialValue(of slot: String) -> Float { 0 }
  public var measure: UnaryFunction? { .square }
  public static var decaysRate: Bool { true }

  /// The learning rate of the update that follows `iterations` others.
  package func rate(after iterations: Int) -> Float {
    if let schedule = shared.schedule { return schedule.rate(after: iterations) }
    return decay == 0 || !Self.decaysRate
      ? Float(learningRate) : Float(learningRate) / (1 + Float(decay) * Float(iterations))
  }
}

/// What one update of one parameter starts from.
public struct ParameterUpdate {
  public let parameter: Value
  public let gradient: Value
  /// What stands for the squares of the gradient; nil for these themselves.
  public let squares: Value?
  /// How the parameter falls before the update; nil where it does not.
  public let weightDecay: Double?
  /// In the order of `slotNames`.
  public let slots: [Value]
  /// The learning rate, and the number of the update counted from 1: shape [2].
  public let settings: Value

  public struct Result {
    public let parameter: Value
    public let slots: [Value]

    public init(parameter: Value, slots: [Value]) {
      self.parameter = parameter
      self.slots = slots
    }
  }

  /// The result of one of the engine's fused rules.
  ///
  /// - Parameter ownSquares: whether the rule takes the gradient's own squares, whatever `squares` says.
  package func applying(
    _ rule: some UpdateRule, ownSquares: Bool = false
  ) throws(EngineError) -> Result {
    let squares = ownSquares ? nil : squares
    let results =
      if let weightDecay {
        try DecayedUpdate(rule, decay: weightDecay).updated(
          parameter, gradient: gradient, squares: squares, slots: slots, settings: settings)
      } else {
        try rule.updated(
          parameter, gradient: gradient, squares: squares, slots: slots, settings: settings)
      }
    return Result(parameter: results.parameter, slots: results.slots)
  }
}
