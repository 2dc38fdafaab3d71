/// The numbers that persist from run to run: weights, running statistics, optimizer state.
package import Kernels
public import Tensors

/// Named float32 variables, shared by every session of a model.
public final class Variables {
  private var memories: [String: (shape: Shape, memory: Memory)] = [:]

  public init() {}

  /// The names of all variables, in no order.
  public var names: [String] { Array(memories.keys) }

  /// Adds a variable, or replaces its contents. Elements of other types are converted to float32.
  public func set(_ name: String, _ tensor: Tensor) {
    if let existing = memories[name], existing.shape == tensor.shape {
      existing.memory.buffer(0..<tensor.count).store(tensor.scalars.floats)
    } else {
      let memory = Memory(count: tensor.count)
      memory.buffer(0..<tensor.count).store(tensor.scalars.floats)
      memories[name] = (tensor.shape, memory)
    }
  }

  /// The contents of a variable, copied out.
  public func tensor(_ name: String) -> Tensor? {
    memories[name].map { Tensor($0.shape, $0.memory.buffer(0..<$0.shape.count).floatArray) }
  }

  /// The memory of a variable, which stays valid for its holder even if the variable is replaced.
  package func memory(_ name: String, shape: Shape) throws(EngineError) -> Memory {
    guard let entry = memories[name], entry.shape == shape else {
      throw EngineError(.variable(name: name, expected: shape, found: memories[name]?.shape))
    }
    return entry.memory
  }
}
