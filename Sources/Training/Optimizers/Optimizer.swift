/// How parameters are changed along their gradients.
public import Engine
public import KerasCheckpoint

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

  /// How the learning rate falls in Keras 1 and 2: update t, from 0, uses
  /// `learningRate / (1 + decay · t)`. Keras 3 has no such option.
  var decay: Double { get set }

  /// What bounds the gradients before they are used.
  var clipping: GradientClipping? { get set }

  /// Keras's names of the slots for each parameter, in the order in which Keras makes them.
  var slotNames: [String] { get }

  /// The optimizer's own settings under Keras's keys.
  var options: [String: JSON] { get }

  /// Takes the optimizer's own settings from a stored configuration.
  init(options: inout OptimizerOptions) throws(TrainingError)

  /// Builds one update of one parameter.
  func updated(_ update: ParameterUpdate) throws(EngineError) -> ParameterUpdate.Result
}

extension Optimizer {
  /// The learning rate of the update that follows `iterations` others.
  package func rate(after iterations: Int) -> Float {
    decay == 0
      ? Float(learningRate) : Float(learningRate) / (1 + Float(decay) * Float(iterations))
  }
}

/// What one update of one parameter starts from.
public struct ParameterUpdate {
  public let parameter: Value
  public let gradient: Value
  /// What stands for the squares of the gradient; nil for these themselves.
  public let squares: Value?
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
    let (parameter, slots) = try rule.updated(
      parameter, gradient: gradient, squares: ownSquares ? nil : squares, slots: slots,
      settings: settings)
    return Result(parameter: parameter, slots: slots)
  }
}
