/// The numbers that persist from run to run: weights, running statistics, optimizer state.
package import Kernels
public import Tensors

/// Named float32 variables, shared by every session of a model.
public final class Variables {
  private var memories: [String: (shape: Shape, memory: Memory)] = [:]
  private var preparations: [String: WeakPreparation] = [:]

  /// Counts the changes of any variable, so that what was computed from them is known to be old.
  package private(set) var generation = 0

  public init() {}

  /// The names of all variables, in no order.
  public var names: [String] { Array(memories.keys) }

  /// Adds a variable, or replaces its contents. Elements of other types are converted to float32.
  public func set(_ name: String, _ tensor: Tensor) {
    noteChange()
    buffer(name, tensor.shape).store(tensor.scalars.floats)
  }

  /// Adds a variable, or replaces its contents, with float32 as they lie in memory or in a file.
  ///
  /// - Precondition: the bytes are those of as many elements as the shape has.
  package func set(_ name: String, _ shape: Shape, bytes: RawSpan) {
    precondition(bytes.byteCount == shape.count * 4, "bytes of another shape")
    noteChange()
    buffer(name, shape).store(bytes)
  }

  /// Adds a variable that is zero, or makes it so.
  package func setZero(_ name: String, _ shape: Shape) {
    noteChange()
    if memories[name]?.shape == shape {
      buffer(name, shape).fill(0)
    } else {
      _ = buffer(name, shape)
    }
  }

  /// The elements of a variable, to be filled; a new one is zero.
  private func buffer(_ name: String, _ shape: Shape) -> Buffer {
    if let existing = memories[name], existing.shape == shape {
      return existing.memory.buffer(0..<shape.count)
    }
    let memory = Memory(count: shape.count)
    memories[name] = (shape, memory)
    return memory.buffer(0..<shape.count)
  }

  /// The contents of a variable, copied out.
  public func tensor(_ name: String) -> Tensor? {
    memories[name].map { Tensor($0.shape, $0.memory.buffer(0..<$0.shape.count).floatArray) }
  }

  /// Says that a variable has new contents.
  func noteChange() { generation += 1 }

  /// The memory of a value that is computed from variables alone, for all sessions that need it, as
  /// long as one does.
  ///
  /// - Parameter definition: what the value is.
  func preparation(_ definition: String, count: Int) -> Preparation {
    if let existing = preparations[definition]?.value { return existing }
    let preparation = Preparation(count: count)
    preparations = preparations.filter { $0.value.value != nil }
    preparations[definition] = WeakPreparation(value: preparation)
    return preparation
  }

  /// The memory of a variable, which stays valid for its holder even if the variable is replaced.
  package func memory(_ name: String, shape: Shape) throws(EngineError) -> Memory {
    guard let entry = memories[name], entry.shape == shape else {
      throw EngineError(.variable(name: name, expected: shape, found: memories[name]?.shape))
    }
    return entry.memory
  }
}

/// A value computed from variables, and of when.
final class Preparation {
  let memory: Memory
  /// That of the variables which it was computed from; -1 before it was.
  var generation = -1

  init(count: Int) { memory = Memory(count: count) }
}

private struct WeakPreparation {
  weak var value: Preparation?
}
