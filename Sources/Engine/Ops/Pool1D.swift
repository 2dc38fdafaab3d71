import Kernels
import Tensors

/// The maximum or the mean of windows along the middle axis: [N, T, C] to [N, windows, C]. Padding
/// takes no part: a window at an end is smaller.
package struct Pool1D: Op {
  package enum Function: String, Sendable, CaseIterable { case max, average }

  package let function: Function
  package let size: Int
  package let stride: Int
  package let padding: Padding

  package init(_ function: Function, size: Int, stride: Int, padding: Padding) {
    self.function = function
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  package var name: String { function.rawValue + "Pool1D" }
  package var options: String { "size=\(size) stride=\(stride) padding=\(padding.rawValue)" }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float32, inputs[0].shape.rank == 3 else {
      throw EngineError(.operandTypes(op: name, found: inputs, expected: "a float32 [N, T, C]"))
    }
    let shape = inputs[0].shape
    guard padding != .causal, let windows = windows(shape) else {
      throw EngineError(
        .options(
          op: name,
          reason: "windows of \(size) with stride \(stride) and padding '\(padding.rawValue)' "
            + "do not fit a length of \(shape[1])"))
    }
    return [TensorType([shape[0], windows.count, shape[2]])]
  }

  private func windows(_ shape: Shape) -> Windows? {
    Windows(length: shape[1], size: size, stride: stride, padding: padding)
  }

  /// Calls `body` with each sample and channel, each window's number and the positions it sees.
  func forEachWindow(
    _ shape: Shape, _ body: (_ n: Int, _ window: Int, _ positions: [Int], _ c: Int) -> Void
  ) {
    guard let windows = windows(shape) else { return }
    for n in 0..<shape[0] {
      for window in 0..<windows.count {
        let positions = (0..<size).map { windows.position(window: window, tap: $0) }
          .filter { $0 >= 0 && $0 < shape[1] }
        for c in 0..<shape[2] { body(n, window, positions, c) }
      }
    }
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let x = inputs[0]
    guard let windows = windows(x.shape) else { return [] }
    var y = ReferenceTensor([x.shape[0], windows.count, x.shape[2]])
    forEachWindow(x.shape) { n, window, positions, c in
      let seen = positions.map { x[n, $0, c] }
      y[n, window, c] =
        switch function {
        case .max: seen.reduce(seen[0], BinaryFunction.maximum.value)
        case .average: seen.reduce(0, +) / Double(seen.count)
        }
    }
    return [y]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    [try context.inputs[0].apply(Pool1DGradient(self), context.outputGradients[0])]
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    guard let pooling = pooling(step.inputTypes[0].shape) else { return }
    switch function {
    case .max: pooling.maximum(step.inputs[0], into: step.outputs[0], threads: run.threads)
    case .average: pooling.average(step.inputs[0], into: step.outputs[0], threads: run.threads)
    }
  }

  func pooling(_ shape: Shape) -> Pooling? {
    windows(shape).map { Pooling(samples: shape[0], channels: shape[2], windows: $0) }
  }
}

/// The gradient of a pooling, from its operand and the gradient of its result: a maximum's goes to
/// the first largest element of the window, a mean's in equal parts to all it sees.
package struct Pool1DGradient: Op {
  package let pool: Pool1D

  package init(_ pool: Pool1D) { self.pool = pool }

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
    pool.forEachWindow(x.shape) { n, window, positions, c in
      switch pool.function {
      case .max:
        let largest = positions.map { x[n, $0, c] }.reduce(
          x[n, positions[0], c], BinaryFunction.maximum.value)
        let first = positions.first { x[n, $0, c] == largest || x[n, $0, c].isNaN }
        dx[n, first ?? positions[0], c] += g[n, window, c]
      case .average:
        for t in positions { dx[n, t, c] += g[n, window, c] / Double(positions.count) }
      }
    }
    return [dx]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "second derivatives are not defined"))
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    guard let pooling = pool.pooling(step.inputTypes[0].shape) else { return }
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
  /// The maximum of each window of `size` positions of this [N, T, C]; `strides` is `size` if nil.
  public func maxPool1D(
    size: Int, strides: Int? = nil, padding: Padding = .valid
  ) throws(EngineError) -> Value {
    try apply(Pool1D(.max, size: size, stride: strides ?? size, padding: padding))
  }

  /// The mean of each window of `size` positions of this [N, T, C]; `strides` is `size` if nil.
  public func averagePool1D(
    size: Int, strides: Int? = nil, padding: Padding = .valid
  ) throws(EngineError) -> Value {
    try apply(Pool1D(.average, size: size, stride: strides ?? size, padding: padding))
  }
}
