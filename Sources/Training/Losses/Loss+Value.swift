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
  ///   - mask: what counts, [N, T], of ones and zeros; the mean is then over what counts.
  /// - Throws: `TrainingError` where the shapes do not fit, or `EngineError`.
  public func value(
    yTrue: Value, yPred: Value, weights: Value? = nil, mask: Value? = nil
  ) throws -> Value {
    try evaluated(yTrue: yTrue, yPred: yPred, weights: weights, mask: mask).value
  }

  /// The loss of a batch, and the number of sample's losses that it is made of. Of a loss that is not
  /// reduced the value is the mean.
  func evaluated(
    yTrue: Value, yPred: Value, weights: Value?, mask: Value?
  ) throws -> (value: Value, count: Int) {
    let (labels, predictions) = try ofSameRank(yTrue, yPred)
    let parts = try parts(labels, predictions)
    let mask = try Value.product(mask, counting(labels, parts))
    guard weights != nil || mask != nil else {
      switch parts {
      case .elements(let value) where reduction == .sum:
        return (try value.mean(axes: [-1]).sumOfAll(), 1)
      case .elements(let value):
        return (try value.meanOfAll(), value.shape.dimensions.dropLast().reduce(1, *))
      case .samples(let value):
        return (
          reduction == .sum ? try value.sumOfAll() : try value.meanOfAll(), value.shape.count
        )
      }
    }
    let values = try parts.bySample()
    // The mean over what counts is that over all if what counts has a weight of count / counting.
    let part = reduction == .mean ? try mask.map { try $0.ofMeanOne() } : mask
    guard let factors = try Value.product(weights, part), factors.rank <= values.rank else {
      throw shapes(labels, predictions, "a loss for each step that the mask or the weights name")
    }
    let weighted = try values * factors.withRank(values.rank)
    switch reduction {
    case .sum: return (try weighted.sumOfAll(), 1)
    case .mean, .none: return (try weighted.meanOfAll(), values.shape.count)
    case .weightedMean:
      return (try weighted.sumOfAll().dividedUnlessZero(by: factors.sumOfAll()), 1)
    }
  }

  /// The sum of the samples' losses, each times its weight, and the sum of the weights, nil for a number
  /// that is known: what a mean over batches is made of.
  ///
  /// Source: `reduce_to_samplewise_values` in `keras/src/metrics/reduction_metrics.py` (Keras 3.15.1).
  func sum(
    yTrue: Value, yPred: Value, weights: Value?, mask: Value?
  ) throws -> (sum: Value, weight: Value?, count: Int) {
    let (labels, predictions) = try ofSameRank(yTrue, yPred)
    var values = try parts(labels, predictions).bySample()
    guard let factors = try Value.product(weights, mask) else {
      return (try values.sumOfAll(), nil, values.shape.count)
    }
    guard factors.rank <= values.rank else {
      throw shapes(labels, predictions, "a number for each step that the mask or the weights name")
    }
    if factors.rank < values.rank {
      values = try values.mean(axes: Array(factors.rank..<values.rank))
    }
    return (try (values * factors).sumOfAll(), try factors.sumOfAll(), values.shape.count)
  }

  /// 1 for a label that has a class, 0 for one that is passed over; nil where none is.
  private func counting(_ labels: Value, _ parts: Parts) throws -> Value? {
    guard let ignoreClass, function == .sparseCategoricalCrossentropy else { return nil }
    let values = try parts.bySample()
    return try labels.toFloat().notEqual(to: labels.builder.constant(Float(ignoreClass)))
      .reshaped(values.shape)
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
      let (labels, operand) = (try labels.withClassesLast(axis), try operand.withClassesLast(axis))
      return .samples(try categorical(smoothedByClass(labels), operand, areLogits))
    case .sparseCategoricalCrossentropy:
      return .samples(try sparse(labels, predictions.withClassesLast(axis), operand, areLogits))
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

  private func sparse(
    _ labels: Value, _ predictions: Value, _ operand: Value, _ areLogits: Bool
  ) throws -> Value {
    guard let ignoreClass else {
      let operand = try operand.withClassesLast(axis)
      let logits = areLogits ? operand : try operand.clippedToProbability().apply(.log)
      return try categorical(oneHot(labels, predictions), logits, true)
    }
    // Keras makes what is passed over 0, after which it no longer sees that a softmax made the rest.
    let ignored = try labels.toFloat().equal(to: labels.builder.constant(Float(ignoreClass)))
    let none = try labels.builder.constant(0)
    let known = try ignored.select(ifTrue: none, ifFalse: labels.toFloat()).toInt()
    let extents = Array(predictions.shape.dimensions.dropLast())
    let passedOver = try ignored.reshaped(Shape(extents + [1]))
    let visible = try passedOver.select(ifTrue: none, ifFalse: predictions)
    let logits = fromLogits ? visible : try visible.clippedToProbability().apply(.log)
    let values = try categorical(oneHot(known, predictions), logits, true)
    return try ignored.reshaped(values.shape).select(ifTrue: none, ifFalse: values)
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

extension Loss.Parts {
  /// A number for each sample, or for each step of one.
  fileprivate func bySample() throws -> Value {
    switch self {
    case .elements(let value): try value.mean(axes: [-1])
    case .samples(let value): value
    }
  }
}

extension Value {
  /// The product of two that need not be there, [N] and [N, T], along their first axes.
  static func product(_ a: Value?, _ b: Value?) throws(EngineError) -> Value? {
    guard let a, let b else { return a ?? b }
    let rank = Swift.max(a.rank, b.rank)
    return try a.withRank(rank) * b.withRank(rank)
  }

  /// With axes of size 1 at the end.
  fileprivate func withRank(_ rank: Int) throws(EngineError) -> Value {
    if self.rank == rank { return self }
    return try reshaped(Shape(shape.dimensions + [Int](repeating: 1, count: rank - self.rank)))
  }

  /// Ones and zeros times what makes their mean 1, unless all are 0.
  fileprivate func ofMeanOne() throws(EngineError) -> Value {
    let count = try builder.constant(Float(shape.count))
    return try self * (count / sumOfAll().maximum(builder.constant(1)))
  }

  /// 0 where the divisor is.
  fileprivate func dividedUnlessZero(by divisor: Value) throws(EngineError) -> Value {
    let isZero = try divisor.equal(to: builder.constant(0))
    return try (self / (divisor + isZero)) * (-isZero).adding(1)
  }

  /// With the axis of the classes as the last.
  fileprivate func withClassesLast(_ axis: Int) throws(EngineError) -> Value {
    let place = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(place), place != rank - 1 else { return self }
    return try transposed((0..<rank).filter { $0 != place } + [place])
  }

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
