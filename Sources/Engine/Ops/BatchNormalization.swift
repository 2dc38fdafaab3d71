import Kernels
import Tensors

/// Each place along the last axis brought to mean 0 and variance 1 over all others:
///
///     y[…, c] = (x[…, c] - mean[c]) / √(variance[c] + ε) · gamma[c] + beta[c]
///
/// Results: y, and the mean and variance of each place along the axis, the variance divided by the
/// count M. No gradient goes through these two, which are for running statistics.
///
/// Cost: x is read twice and written once. Sums of 128 rows are taken around their own mean in float32
/// and put together in float64, so that a large mean costs the variance nothing.
/// Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
package struct BatchNormalization: Op {
  package let epsilon: Float

  package init(epsilon: Float) { self.epsilon = epsilon }

  package var name: String { "batchNormalization" }
  package var options: String { "epsilon=\(epsilon)" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    do { return [try ScaleShift().outputTypes(inputs)[0], inputs[1], inputs[1]] } catch {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs, expected: "an operand and two vectors as long as its last axis"))
    }
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (x, gamma, beta) = (inputs[0], inputs[1], inputs[2])
    let channels = gamma.values.count
    var (y, mean, variance) = (x, gamma, gamma)
    for c in 0..<channels {
      let places = stride(from: c, to: x.values.count, by: channels)
      let column = places.map { x.values[$0] }
      mean.values[c] = column.reduce(0, +) / Double(column.count)
      variance.values[c] =
        column.reduce(0) { $0 + ($1 - mean.values[c]) * ($1 - mean.values[c]) }
        / Double(column.count)
      let factor = gamma.values[c] / (variance.values[c] + Double(epsilon)).squareRoot()
      for place in places {
        y.values[place] = (x.values[place] - mean.values[c]) * factor + beta.values[c]
      }
    }
    return [y, mean, variance]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let inputs =
      Array(context.inputs.prefix(2)) + context.outputs.dropFirst() + [context.outputGradients[0]]
    return try context.builder.apply(BatchNormalizationGradient(epsilon: epsilon), inputs)
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { ChannelRows(inputs[0].shape).scratchCount }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    let rows = ChannelRows(step.inputTypes[0].shape)
    let (mean, variance) = (step.outputs[1], step.outputs[2])
    rows.moments(
      of: step.inputs[0], mean: mean, variance: variance, scratch: step.scratch,
      threads: run.threads)
    let scale = step.scratch.slice(0, rows.channels)
    let shift = step.scratch.slice(rows.channels, rows.channels)
    normalizingFactors(
      gamma: step.inputs[1], beta: step.inputs[2], mean: mean, variance: variance,
      epsilon: epsilon, scale: scale, shift: shift)
    rows.scale(
      step.inputs[0], by: scale, shift: shift, into: step.outputs[0], threads: run.threads)
  }
}

/// The gradients of x, gamma and beta, from x, gamma, the batch's mean and variance, and the gradient of
/// y. Cost: x and the gradient are read twice, dx is written once.
package struct BatchNormalizationGradient: Op {
  package let epsilon: Float

  package init(epsilon: Float) { self.epsilon = epsilon }

  package var name: String { "batchNormalizationGradient" }
  package var options: String { "epsilon=\(epsilon)" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 4)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 5, inputs[0] == inputs[4],
      inputs[2...3].allSatisfy({ $0 == inputs[1] }),
      let types = try? ScaleShift().outputTypes(Array(inputs.prefix(3)))
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "an operand, three vectors as long as its last axis, and the gradient"))
    }
    return [types[0], inputs[1], inputs[1]]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (x, gamma, mean, variance, g) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4])
    let channels = gamma.values.count
    var (dx, dGamma, dBeta) = (x, gamma, gamma)
    for c in 0..<channels {
      let places = stride(from: c, to: x.values.count, by: channels)
      let r = 1 / (variance.values[c] + Double(epsilon)).squareRoot()
      let count = Double(x.values.count / channels)
      let normalized = { (place: Int) in (x.values[place] - mean.values[c]) * r }
      dBeta.values[c] = places.reduce(0) { $0 + g.values[$1] }
      dGamma.values[c] = places.reduce(0) { $0 + g.values[$1] * normalized($1) }
      for place in places {
        dx.values[place] =
          gamma.values[c] * r
          * (g.values[place] - dBeta.values[c] / count - normalized(place) * dGamma.values[c]
            / count)
      }
    }
    return [dx, dGamma, dBeta]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "second derivatives are not defined"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { ChannelRows(inputs[0].shape).scratchCount }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    ChannelRows(step.inputTypes[0].shape).normalizedGradient(
      at: step.inputs[0], gamma: step.inputs[1], mean: step.inputs[2], variance: step.inputs[3],
      epsilon: epsilon, of: step.inputs[4], into: step.outputs[0], dGamma: step.outputs[1],
      dBeta: step.outputs[2], scratch: step.scratch, threads: run.threads)
  }
}

extension Value {
  /// Each place along the last axis brought to mean 0 and variance 1 over all others, times `gamma`,
  /// plus `beta`; with the mean and the variance, through which no gradient goes.
  public func batchNormalized(
    gamma: Value, beta: Value, epsilon: Float
  ) throws(EngineError) -> (output: Value, mean: Value, variance: Value) {
    let results = try builder.apply(BatchNormalization(epsilon: epsilon), [self, gamma, beta])
    return (results[0], results[1], results[2])
  }
}
