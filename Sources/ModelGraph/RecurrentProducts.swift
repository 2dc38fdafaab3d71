/// What the states give to the gates.
import Engine
import Tensors

/// The products of a state with the recurrent kernel, in which the gates stand side by side along the last
/// axis. In training each gate may see a state of which it has dropped elements of its own.
struct RecurrentProducts {
  private let gates: Int
  private let kernel: Value
  /// The kernel of each gate, where each has a mask.
  private let parts: [Value]
  private let masks: [Value]
  private let multiply: (_ state: Value, _ kernel: Value) throws -> Value

  /// - Parameters:
  ///   - masks: what each gate multiplies states by; empty where nothing is dropped.
  ///   - multiply: the product of a state and a kernel, or a part of its last axis.
  init(
    gates: Int, kernel: Value, masks: [Value],
    multiply: @escaping (_ state: Value, _ kernel: Value) throws -> Value
  ) throws {
    self.gates = gates
    self.kernel = kernel
    self.masks = masks
    self.multiply = multiply
    parts = masks.isEmpty ? [] : try kernel.split(gates, axis: -1)
  }

  /// The products of some of the gates.
  func callAsFunction(_ state: Value, _ range: Range<Int>) throws -> Value {
    guard !masks.isEmpty else {
      let width = kernel.shape[kernel.rank - 1] / gates
      return try multiply(
        state, kernel.slice(axis: -1, range.lowerBound * width..<range.upperBound * width))
    }
    let products = try range.map { try multiply(state * masks[$0], parts[$0]) }
    return try products[0].concatenated(with: Array(products.dropFirst()), axis: -1)
  }
}

extension LayerContext {
  /// The inputs of a cell as its gates see them in training, one for each gate or one for all: each
  /// feature of an example is dropped at all steps or at none.
  func dropped(
    _ sequence: Value, rate: Double, gates: Int
  ) throws -> [Value] {
    guard mode == .training, rate > 0, rate < 1 else { return [sequence] }
    return try (0..<gates).map {
      try sequence.dropout(rate: Float(rate), stream: stream(of: $0), sharedAxes: [1])
    }
  }

  /// What the gates of a cell multiply states by in training; empty where nothing is dropped.
  func stateMasks(_ shape: Shape, rate: Double, gates: Int) throws -> [Value] {
    guard mode == .training, rate > 0, rate < 1 else { return [] }
    let ones = try builder.constant(1, shape)
    return try (0..<gates).map {
      try ones.dropout(rate: Float(rate), stream: stream(of: gates + $0))
    }
  }
}
