/// What a layer's `call` may use besides its inputs.
public import Engine

/// Whether a program learns.
public enum Mode: Sendable, Hashable {
  /// Dropout passes everything, running statistics are used.
  case inference
  /// Dropout drops, running statistics are updated.
  case training
}

/// One call of one layer in one program.
public struct LayerContext {
  public let builder: ProgramBuilder
  public let mode: Mode
  /// Tells the random numbers of this call from those of every other in the program.
  public internal(set) var stream: UInt64
  /// What stands before the names of the layer's weights, where another layer wraps it.
  var prefix = ""
  /// What the sizes of results add to the loss, of all layers of the model.
  let penalties: Penalties
  private var weights: [String: Value]

  /// Losses that layers add as they are called.
  final class Penalties {
    var values: [Value] = []
  }

  init(
    builder: ProgramBuilder, mode: Mode, stream: UInt64, weights: [String: Value],
    penalties: Penalties = Penalties()
  ) {
    self.penalties = penalties
    self.builder = builder
    self.mode = mode
    self.stream = stream
    self.weights = weights
  }

  /// The weight that the layer declared under this name.
  ///
  /// - Precondition: it did, for inputs of these shapes.
  public func weight(_ name: String) -> Value {
    guard let value = weights[prefix + name] else {
      preconditionFailure("the layer uses a weight \"\(prefix + name)\" that it did not declare")
    }
    return value
  }

  /// What the layer keeps from batch to batch under this name; nil where the model does not know of it.
  func state(_ name: String) -> Value? { weights[prefix + name] }

  /// Gives a weight that no optimizer changes, such as a running mean, new contents after the run.
  public func update(_ name: String, to value: Value) {
    builder.update(weight(name), to: value)
  }

  /// Gives a weight new contents before the layer goes on, which then sees them; an optimizer changes the
  /// new ones.
  public mutating func assign(_ name: String, to value: Value) {
    builder.assign(weight(name), to: value)
    weights[prefix + name] = value
  }
}
