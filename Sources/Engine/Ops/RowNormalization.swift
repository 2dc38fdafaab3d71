import Kernels
import Tensors

/// Each row along the last axis, of D elements, by its own mean and variance:
///
///     y[…, i] = (x[…, i] - mean[…]) · r[…] · gamma[i] + beta[i],   r = 1 / √(variance + ε)
///
/// The variance is the mean of (x - mean)²; where it does not center, the mean counts as 0, and r is one
/// over the root of the mean square. Results: y, and the mean and r of each row, through which no
/// gradient goes.
///
/// Cost: x is read once and y written once, as far as a row fits the nearest cache.
/// Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450; Zhang and Sennrich 2019, arXiv:1910.07467.
package struct RowNormalization: Op {
  package let epsilon: Float
  package let centers: Bool

  package init(epsilon: Float, centers: Bool = true) {
    self.epsilon = epsilon
    self.centers = centers
  }

  package var name: String { "rowNormalization" }
  package var options: String { "epsilon=\(epsilon)" + (centers ? "" : " uncentered") }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard let type = try? ScaleShift().outputTypes(inputs)[0], type.shape.dimensions.last != 0
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "an operand whose last axis is not empty and two vectors as long"))
    }
    let rows = TensorType(Shape(Array(type.shape.dimensions.dropLast())))
    return [type, rows, rows]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (gamma, beta) = (inputs[1].values, inputs[2].values)
    let columns = gamma.count
    var y = inputs[0]
    var means = ReferenceTensor(Shape(Array(y.shape.dimensions.dropLast())))
    var factors = means
    for row in means.values.indices {
      let x = inputs[0].values[row * columns..<(row + 1) * columns]
      let mean = centers ? x.reduce(0, +) / Double(columns) : 0
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      means.values[row] = mean
      factors.values[row] = 1 / (variance + Double(epsilon)).squareRoot()
      for (i, value) in x.enumerated() {
        y.values[row * columns + i] = (value - mean) * factors.values[row] * gamma[i] + beta[i]
      }
    }
    return [y, means, factors]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    let inputs =
      Array(context.inputs.prefix(2)) + context.outputs.dropFirst() + [context.outputGradients[0]]
    return try context.builder.apply(RowNormalizationGradient(centers: centers), inputs)
  }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    NormalizedRows(step.inputTypes[0].shape, centers: centers).normalize(
      step.inputs[0], gamma: step.inputs[1], beta: step.inputs[2], epsilon: epsilon,
      into: step.outputs[0], means: step.outputs[1], factors: step.outputs[2],
      threads: run.threads)
  }
}

/// The gradients of x, gamma and beta, from x, gamma, each row's mean and factor, and the gradient of y.
/// Cost: x and the gradient are read once and dx is written once, as far as a row fits the nearest cache.
package struct RowNormalizationGradient: Op {
  package let centers: Bool

  package init(centers: Bool) { self.centers = centers }

  package var name: String { "rowNormalizationGradient" }
  package var options: String { centers ? "" : "uncentered" }
  package var inPlace: [InPlacePair] { [.init(output: 0, input: 4)] }

  package func outputTypes(_ inputs: [TensorType]) throws(EngineError) -> [TensorType] {
    guard inputs.count == 5, inputs[0] == inputs[4], inputs[0].dtype == .float32,
      inputs[0].shape.dimensions.last.map({ $0 > 0 }) == true,
      inputs[1] == TensorType(Shape(Array(inputs[0].shape.dimensions.suffix(1)))),
      inputs[2...3].allSatisfy({
        $0 == TensorType(Shape(Array(inputs[0].shape.dimensions.dropLast())))
      })
    else {
      throw EngineError(
        .operandTypes(
          op: name, found: inputs,
          expected: "an operand, a vector as long as its last axis, two of its rows, the gradient"))
    }
    return [inputs[0], inputs[1], inputs[1]]
  }

  package func reference(_ inputs: [ReferenceTensor], _ run: RunContext) -> [ReferenceTensor] {
    let (x, gamma, means, factors, g) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4])
    let columns = gamma.values.count
    var (dx, dGamma, dBeta) = (x, ReferenceTensor(gamma.shape), ReferenceTensor(gamma.shape))
    for (row, r) in factors.values.enumerated() {
      let places = row * columns..<(row + 1) * columns
      let normal = places.map { (x.values[$0] - means.values[row]) * r }
      let scaled = places.map { g.values[$0] * gamma.values[$0 - places.lowerBound] }
      let mean = centers ? scaled.reduce(0, +) / Double(columns) : 0
      let product = zip(scaled, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(columns)
      for (i, place) in places.enumerated() {
        dGamma.values[i] += g.values[place] * normal[i]
        dBeta.values[i] += g.values[place]
        dx.values[place] = r * (scaled[i] - mean - normal[i] * product)
      }
    }
    return [dx, dGamma, dBeta]
  }

  package func gradient(_ context: GradientContext) throws(EngineError) -> [Value?] {
    throw EngineError(.options(op: name, reason: "second derivatives are not defined"))
  }

  package func scratchCount(
    _ inputs: [TensorType], _ outputs: [TensorType], threads: Int
  ) -> Int { NormalizedRows(inputs[0].shape, centers: centers).scratchCount }

  package func execute(_ step: ExecutionStep, _ run: RunContext) throws(EngineError) {
    NormalizedRows(step.inputTypes[0].shape, centers: centers).gradient(
      at: step.inputs[0], gamma: step.inputs[1], means: step.inputs[2], factors: step.inputs[3],
      of: step.inputs[4], into: step.outputs[0], dGamma: step.outputs[1], dBeta: step.outputs[2],
      scratch: step.scratch, threads: run.threads)
  }
}

extension NormalizedRows {
  /// The rows along the last axis.
  fileprivate init(_ shape: Shape, centers: Bool) {
    self.init(
      rows: shape.dimensions.dropLast().reduce(1, *), columns: shape.dimensions.last ?? 1,
      centers: centers)
  }
}

extension Value {
  /// Each row along the last axis brought to mean 0 and variance 1, or where it does not center to a mean
  /// square of 1; times `gamma`, plus `beta`, both as long as a row.
  public func rowsNormalized(
    gamma: Value, beta: Value, epsilon: Float, centers: Bool = true
  ) throws(EngineError) -> Value {
    try builder.apply(
      RowNormalization(epsilon: epsilon, centers: centers), [self, gamma, beta])[0]
  }
}
