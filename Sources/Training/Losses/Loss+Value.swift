/// What a loss computes, as ops.
public import Engine
import Tensors

extension Loss {
  /// The mean loss over all elements: a scalar.
  ///
  ///     binary       -mean(y ln p + (1 - y) ln (1 - p)),        p clipped to [ε, 1 - ε], ε = 1e-7
  ///                  mean(y s(-x) + (1 - y) s(x)),              s(x) = ln(1 + eˣ), from logits x
  ///     categorical  -mean Σ y ln p,                            p divided by Σ p, then clipped
  ///                  -mean Σ y ln softmax(x),                   from logits x
  ///     sparse       the same with y one-hot; p is clipped and not divided first, and ln p are
  ///                  taken for logits
  ///
  /// - Parameters:
  ///   - yTrue: labels, float32 and of the predictions' shape; class numbers, int32 and without the
  ///     last axis, for the sparse one. An axis of size 1 may be missing or too many at the end.
  ///   - yPred: predictions [N, …]. Where a sigmoid or softmax made them, Keras computes every
  ///     cross-entropy from what that was applied to, whatever `fromLogits` says.
  /// - Throws: `TrainingError` where the shapes do not fit, or `EngineError`.
  public func value(yTrue: Value, yPred: Value) throws -> Value {
    let (labels, predictions) = try ofSameRank(yTrue, yPred)
    let logits = predictions.logits
    let operand = logits ?? predictions
    let areLogits = fromLogits || logits != nil
    switch function {
    case .meanSquaredError:
      return try (predictions - labels).apply(.square).meanOfAll()
    case .meanAbsoluteError:
      return try (predictions - labels).apply(.abs).meanOfAll()
    case .binaryCrossentropy:
      try requireEqualShapes(labels, predictions)
      return try binary(smoothed(labels, evenOdds: 0.5), operand, areLogits)
    case .categoricalCrossentropy:
      try requireEqualShapes(labels, predictions)
      let classes = labels.shape.dimensions.last ?? 1
      return try categorical(smoothed(labels, evenOdds: 1 / Double(classes)), operand, areLogits)
    case .sparseCategoricalCrossentropy:
      return try sparse(labels, operand, areLogits)
    }
  }

  private func smoothed(_ labels: Value, evenOdds: Double) throws -> Value {
    guard labelSmoothing != 0 else { return labels }
    return try labels.scaled(by: Float(1 - labelSmoothing))
      .adding(Float(labelSmoothing * evenOdds))
  }

  private func binary(_ labels: Value, _ predictions: Value, _ areLogits: Bool) throws -> Value {
    let others = try (-labels).adding(1)
    if areLogits {
      // In this form neither term loses digits where the logit is large.
      let sum =
        try labels * (-predictions).apply(.softplus) + others * predictions.apply(.softplus)
      return try sum.meanOfAll()
    }
    let p = try predictions.clippedToProbability()
    let sum = try labels * p.apply(.log) + others * (-p).adding(1).apply(.log)
    return try -sum.meanOfAll()
  }

  private func categorical(
    _ labels: Value, _ predictions: Value, _ areLogits: Bool
  ) throws -> Value {
    let axis = predictions.rank - 1
    let logarithms: Value
    if areLogits {
      logarithms = try predictions.logSoftmax(axis: axis)
    } else {
      let sums = try predictions.sum(axes: [axis], keepDims: true)
      logarithms = try (predictions / sums).clippedToProbability().apply(.log)
    }
    return try -(labels * logarithms).sum(axes: [axis]).meanOfAll()
  }

  private func sparse(_ labels: Value, _ predictions: Value, _ areLogits: Bool) throws -> Value {
    var extents = predictions.shape.dimensions
    guard let classes = extents.popLast(), labels.type.dtype == .int32,
      labels.shape.dimensions == extents || labels.shape.dimensions == extents + [1]
    else {
      throw shapes(
        labels, predictions, "class numbers of the shape of the predictions less an axis")
    }
    let oneHot = try labels.reshaped(Shape(extents)).oneHot(depth: classes)
    let logits = areLogits ? predictions : try predictions.clippedToProbability().apply(.log)
    return try categorical(oneHot, logits, true)
  }
}

extension Loss {
  /// Labels and predictions of one rank, where a last axis of size 1 is all that sets them apart.
  private func ofSameRank(_ labels: Value, _ predictions: Value) throws -> (Value, Value) {
    let (a, b) = (labels.shape.dimensions, predictions.shape.dimensions)
    if a.count == b.count + 1, a.last == 1, !function.isSparse {
      return b.count == 1
        ? (labels, try predictions.reshaped(Shape(b + [1])))
        : (try labels.reshaped(Shape(Array(a.dropLast()))), predictions)
    }
    if b.count == a.count + 1, b.last == 1 {
      return a.count == 1
        ? (try labels.reshaped(Shape(a + [1])), predictions)
        : (labels, try predictions.reshaped(Shape(Array(b.dropLast()))))
    }
    return (labels, predictions)
  }

  private func requireEqualShapes(_ labels: Value, _ predictions: Value) throws {
    guard labels.shape == predictions.shape else {
      throw shapes(labels, predictions, "both of one shape")
    }
  }

  private func shapes(
    _ labels: Value, _ predictions: Value, _ expected: String
  ) -> TrainingError {
    TrainingError(
      .shapes(
        of: name, labels: labels.shape, predictions: predictions.shape, expected: expected))
  }
}

extension Value {
  /// What a sigmoid or softmax was applied to, where this is the result of one. Predictions that had
  /// to be reshaped are not, as in Keras.
  fileprivate var logits: Value? {
    let instructions = builder.program.instructions
    guard let instruction = instructions.last(where: { $0.outputs == [id] }),
      ["sigmoid", "softmax"].contains(instruction.op.name), instruction.inputs.count == 1
    else { return nil }
    return builder.value(instruction.inputs[0])
  }

  fileprivate func meanOfAll() throws(EngineError) -> Value {
    rank == 0 ? self : try mean(axes: Array(0..<rank))
  }

  /// Probabilities that have a logarithm. The bounds are Keras's epsilon, rounded to float32.
  fileprivate func clippedToProbability() throws(EngineError) -> Value {
    try apply(.clip(1e-7, 1 - 1e-7))
  }
}
