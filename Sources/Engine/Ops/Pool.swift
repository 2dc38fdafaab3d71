import Kernels
import Tensors

/// What becomes of a window.
public enum PoolFunction: String, Sendable, Hashable, CaseIterable { case max, average }

/// Which positions along an axis are pooled together. Padding takes no part: a window at an end is
/// smaller.
public enum PoolWindows: Sendable, Hashable {
  /// `size` positions, every `stride` positions.
  case sliding(size: Int, stride: Int, padding: Padding = .valid)
  /// So many windows over the whole axis, as equal as can be: window i begins at ⌊i·T / count⌋ and ends
  /// before ⌈(i+1)·T / count⌉.
  case dividing(into: Int)

  /// Above any number of windows that an axis is divided into; each takes memory.
  private static let countLimit = 1 << 24

  /// The number of windows on an axis of `length`; nil where they do not fit.
  func count(on length: Int) -> Int? {
    switch self {
    case .sliding: windows(on: length)?.count
    case .dividing(let count):
      (1...Self.countLimit).contains(count) && (1..<1 << 31).contains(length) ? count : nil
    }
  }

  /// The positions that each window sees.
  ///
  /// - Precondition: the windows fit.
  func positions(on length: Int) -> [Range<Int>] {
    switch self {
    case .sliding(let size, let stride, _):
      guard let windows = windows(on: length) else { preconditionFailure("windows do not fit") }
      return (0..<windows.count).map {
        let start = $0 * stride - windows.leading
        return Swift.max(start, 0)..<min(start + size, length)
      }
    case .dividing(let count):
      return (0..<count).map { $0 * length / count..<(($0 + 1) * length + count - 1) / count }
    }
  }

  private func windows(on length: Int) -> Windows? {
    guard case .sliding(let size, let stride, let padding) = self, padding != .causal else {
      return nil
    }
    return Windows(length: length, size: size, stride: stride, padding: padding)
  }

  fileprivate var description: String {
    switch self {
    case .sliding(let size, let stride, let padding): "\(size)/\(stride) \(padding.rawValue)"
    case .dividing(let count): "÷\(count)"
    }
  }
}

/// The maximum or the mean of windows on the axes between the first and the last: [N, T, C] to
/// [N, windows, C], and the same with two or three such axes.
package struct Pool: Op {
  package let function: PoolFunction
  /// For each axis, one to three.
  package let windows: [PoolWindows]

  package init(_ function: PoolFunction, _ windows: [PoolWindows]) {
    self.function = function
    self.windows = windows
  }

  package var name: String { function.rawValue + "Pool" }
  package var options: String { "windows=" + windows.map(\.description).joined(separator: " × ") }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32, (1...3).contains(windows.count),
      inputs[0].shape.rank == windows.count + 2
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "a float32 operand with \(windows.count) axes between")
      )
    }
    var dimensions = inputs[0].shape.dimensions
    for (axis, windows) in windows.enumerated() {
      guard let count = windows.count(on: dimensions[axis + 1]) else {
        throw EngineError(
          .options(
            op: name,
            reason: "windows of \(windows.description) do not fit a length of "
              + "\(dimensions[axis + 1])"))
      }
      dimensions[axis + 1] = count
    }
    guard let shape = Shape(checking: dimensions) else {
      throw EngineError(.options(op: name, reason: "there are too many windows"))
    }
    return [TensorType(shape)]
  }

  /// The elements of the operand that each element of the result is made of, the result's in order.
  func elements(_ shape: Shape) -> [[Int]] {
    let seen = windows.enumerated().map { $1.positions(on: shape[$0 + 1]) }
    let (samples, channels) = (shape[0], shape[shape.rank - 1])
    return (0..<samples).flatMap { n in
      // The positions of each window, an axis added after the other.
      seen.enumerated().reduce([[n]]) { outer, next in
        outer.flatMap { window in
          next.element.map { positions in
            window.flatMap { place in positions.map { place * shape[next.offset + 1] + $0 } }
          }
        }
      }.flatMap { window in (0..<channels).map { c in window.map { $0 * channels + c } } }
    }
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let x = inputs[0]
    let results = elements(x.shape).map { window in
      let seen = window.map { x.values[$0] }
      return switch function {
      case .max: seen.reduce(seen[0], BinaryFunction.maximum.value)
      case .average: seen.reduce(0, +) / Double(seen.count)
      }
    }
    guard let type = try? outputTypes([TensorType(x.shape)]) else { return [] }
    return [ReferenceTensor(type[0].shape, results)]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    [try context.inputs[0].apply(PoolGradient(self), context.outputGradients[0])]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let pooling = pooling(step.inputTypes[0].shape)
    switch function {
    case .max: pooling.maximum(step.inputs[0], into: step.outputs[0], threads: run.threads)
    case .average: pooling.average(step.inputs[0], into: step.outputs[0], threads: run.threads)
    }
  }

  func pooling(_ shape: Shape) -> Pooling {
    Pooling(
      samples: shape[0],
      axes: windows.enumerated().map {
        .init(length: shape[$0 + 1], windows: $1.positions(on: shape[$0 + 1]))
      }, channels: shape[shape.rank - 1])
  }
}

/// The gradient of a pooling, from its operand and the gradient of its result: a maximum's goes to
/// the first largest element of the window, a mean's in equal parts to all it sees.
///
/// So does TensorFlow, except that its own loops for three axes (not those of its compiler) give each
/// of equal elements the whole gradient.
package struct PoolGradient: Op {
  package let pool: Pool

  package init(_ pool: Pool) { self.pool = pool }

  package var name: String { pool.name + "Gradient" }
  package var options: String { pool.options }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 2, try pool.outputTypes([inputs[0]]) == [inputs[1]] else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an operand and the gradient of its pooling"))
    }
    return [inputs[0]]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (x, g) = (inputs[0], inputs[1])
    var dx = ReferenceTensor(x.shape)
    for (window, share) in zip(pool.elements(x.shape), g.values) {
      switch pool.function {
      case .max:
        let largest = window.map { x.values[$0] }.reduce(
          x.values[window[0]], BinaryFunction.maximum.value)
        let first = window.first { x.values[$0] == largest || x.values[$0].isNaN }
        dx.values[first ?? window[0]] += share
      case .average:
        for place in window { dx.values[place] += share / Double(window.count) }
      }
    }
    return [dx]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "second derivatives are not defined"))
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let pooling = pool.pooling(step.inputTypes[0].shape)
    switch pool.function {
    case .max:
      pooling.maximumGradient(
        at: step.inputs[0], of: step.inputs[1], into: step.outputs[0], threads: run.threads)
    case .average:
      pooling.averageGradient(
        of: step.inputs[1], into: step.outputs[0], threads: run.threads)
    }
  }
}

extension Value {
  /// The maximum or the mean of windows of this [N, …, C], whose axes between are pooled.
  public func pooled(
    _ function: PoolFunction, _ windows: [PoolWindows]
  ) throws(EngineError) -> Value {
    try apply(Pool(function, windows))
  }
}
