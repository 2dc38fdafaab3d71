/// What a loss computes, as ops.
public import Engine
import Tensors

extension Loss {
  /// What a function gives of a batch.
  enum Parts {
    /// A number for each element, of which a sample's loss is the mean along the last axis.
    case elements(Value)
    /// A number for each sample, or for all together.
    case samples(Value)
  }

  /// The loss of a batch: a scalar, the mean over all elements or the sum over samples.
  ///
  ///     binary       -mean(y ln p + (1 - y) ln (1 - p)),        p clipped to [ε, 1 - ε], ε = 1e-7
  ///                  mean(y s(-x) + (1 - y) s(x)),              s(x) = ln(1 + eˣ), from logits x
  ///     categorical  -mean Σ y ln p,                            p divided by Σ p, then clipped
  ///                  -mean Σ y ln softmax(x),                   from logits x
  ///     sparse       the same with y one-hot; p is clipped and not divided first, and ln p are
  ///                  taken for logits
  ///
  /// The others are in `Loss+Functions.swift`.
  ///
  /// - Parameters:
  ///   - yTrue: labels, float32 and of the predictions' shape; class numbers, int32 and without the
  ///     last axis, for the sparse ones. An axis of size 1 may be missing or too many at the end.
  ///   - yPred: predictions [N, …]. Where a sigmoid or softmax made them, Keras computes every
  ///     cross-entropy from what that was applied to, whatever `fromLogits` says.
  ///   - weights: how much each sample counts, [N]; the mean is still divided by their number.
  /// - Throws: `TrainingError` where the shapes do not fit, or `EngineError`.
  public func value(yTrue: Value, yPred: Value, weights: Value? = nil) throws -> Value {
    let (labels, predictions) = try ofSameRank(yTrue, yPred)
    if let weights {
      let values =
        switch try parts(labels, predictions) {
        case .elements(let value): try value.mean(axes: [-1])
        case .samples(let value): value
        }
      let ones = [Int](repeating: 1, count: max(0, values.rank - 1))
      let weighted = try values * weights.reshaped(Shape(weights.shape.dimensions + ones))
      return reduction == .mean ? try weighted.meanOfAll() : try weighted.sumOfAll()
    }
    switch (try parts(labels, predictions), reduction) {
    case (.elements(let value), .mean), (.samples(let value), .mean):
      return try value.meanOfAll()
    case (.elements(let value), .sum):
      return try value.mean(axes: [-1]).sumOfAll()
    case (.samples(let value), .sum):
      return try value.sumOfAll()
    }
  }

  private func parts(_ labels: Value, _ predictions: Value) throws -> Parts {
    let logits = predictions.logits
    let operand = logits ?? predictions
    let areLogits = fromLogits || logits != nil
    switch function {
    case .meanSquaredError:
      return .elements(try (predictions - labels).apply(.square))
    case .meanAbsoluteError:
      return .elements(try (predictions - labels).apply(.abs))
    case .binaryCrossentropy:
      try requireEqualShapes(labels, predictions)
      return .elements(try binary(smoothed(labels, evenOdds: 0.5), operand, areLogits))
    case .categoricalCrossentropy:
      try requireEqualShapes(labels, predictions)
      return .samples(try categorical(smoothedByClass(labels), operand, areLogits))
    case .sparseCategoricalCrossentropy:
      let logits = areLogits ? operand : try operand.clippedToProbability().apply(.log)
      return .samples(try categorical(oneHot(labels, predictions), logits, true))
    case .binaryFocalCrossentropy:
      try requireEqualShapes(labels, predictions)
      let labels = try smoothed(labels, evenOdds: 0.5)
      // Keras takes the sigmoid first, and then the cross-entropy of what the sigmoid was applied to.
      let probabilities = fromLogits ? try predictions.apply(.sigmoid) : predictions
      let entropies = try binary(labels, fromLogits ? predictions : operand, areLogits)
      return .elements(try focal(labels, probabilities, entropies))
    case .categoricalFocalCrossentropy:
      try requireEqualShapes(labels, predictions)
      let probabilities = fromLogits ? try predictions.softmax(axis: -1) : predictions
      return .samples(try categoricalFocal(smoothedByClass(labels), probabilities))
    case .categoricalGeneralizedCrossEntropy:
      return .samples(try generalized(oneHot(labels, predictions), predictions))
    default:
      try requireEqualShapes(labels, predictions)
      return try regression(labels, predictions)
    }
  }

  private func smoothed(_ labels: Value, evenOdds: Double) throws -> Value {
    guard labelSmoothing != 0 else { return labels }
    return try labels.scaled(by: Float(1 - labelSmoothing))
      .adding(Float(labelSmoothing * evenOdds))
  }

  private func smoothedByClass(_ labels: Value) throws -> Value {
    try smoothed(labels, evenOdds: 1 / Double(labels.shape.dimensions.last ?? 1))
  }

  private func binary(_ labels: Value, _ predictions: Value, _ areLogits: Bool) throws -> Value {
    let others = try (-labels).adding(1)
    if areLogits {
      // In this form neither term loses digits where the logit is large.
      return try labels * (-predictions).apply(.softplus) + others * predictions.apply(.softplus)
    }
    let p = try predictions.clippedToProbability()
    return try -(labels * p.apply(.log) + others * (-p).adding(1).apply(.log))
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
    return try -(labels * logarithms).sum(axes: [axis])
  }

  private func oneHot(_ labels: Value, _ predictions: Value) throws -> Value {
    var extents = predictions.shape.dimensions
    guard let classes = extents.popLast(), labels.type.dtype == .int32,
      labels.shape.dimensions == extents || labels.shape.dimensions == extents + [1]
    else {
      throw shapes(
        labels, predictions, "class numbers of the shape of the predictions less an axis")
    }
    return try labels.reshaped(Shape(extents)).oneHot(depth: classes)
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

  fileprivate func sumOfAll() throws(EngineError) -> Value {
    rank == 0 ? self : try sum(axes: Array(0..<rank))
  }

  /// Probabilities that have a logarithm. The bounds are Keras's epsilon, rounded to float32.
  func clippedToProbability() throws(EngineError) -> Value {
    try apply(.clip(1e-7, 1 - 1e-7))
  }
}
