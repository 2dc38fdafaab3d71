/// The losses that are no plain cross-entropies, as ops.
import Engine
import Tensors

extension Loss {
  /// The losses of labels y and predictions p of one shape; ε is 1e-7.
  ///
  ///     mean_absolute_percentage_error  100 · mean |(y - p) / max(|y|, ε)|
  ///     mean_squared_logarithmic_error  mean (ln(max(p, ε) + 1) - ln(max(y, ε) + 1))²
  ///     cosine_similarity               -Σ y p / (‖y‖ ‖p‖)
  ///     huber                           mean (½ e² if |e| ≤ δ, else δ |e| - ½ δ²),  e = p - y
  ///     log_cosh                        mean ln cosh e
  ///     hinge, squared_hinge            mean max(1 - y p, 0), and its square; y of -1 and 1
  ///     categorical_hinge               max(max((1 - y) p) - Σ y p + 1, 0)
  ///     kl_divergence                   Σ y ln(y / p),  both clipped to [ε, 1]
  ///     poisson                         mean (p - y ln(p + ε))
  ///     dice                            1 - 2 Σ y p / (Σ y + Σ p + ε)
  ///     tversky                         1 - Σ y p / (Σ y p + α Σ y (1 - p) + β Σ (1 - y) p + ε)
  func regression(_ y: Value, _ p: Value) throws -> Parts {
    let error = try p - y
    switch function {
    case .meanAbsolutePercentageError:
      let size = try y.apply(.abs).maximum(y.builder.constant(Self.epsilon))
      return .elements(try ((y - p) / size).apply(.abs).scaled(by: 100))
    case .meanSquaredLogarithmicError:
      let difference = try p.logarithmOfSuccessor() - y.logarithmOfSuccessor()
      return .elements(try difference.apply(.square))
    case .cosineSimilarity:
      let axis = parameters.axes?.first ?? -1
      return .samples(try -(y.normalized(axis) * p.normalized(axis)).sum(axes: [axis]))
    case .huber:
      let delta = Float(parameters.delta)
      let size = try error.apply(.abs)
      let isSmall = try (-size).adding(delta).greaterOrEqual(to: y.builder.constant(0))
      return .elements(
        try isSmall.select(
          ifTrue: error.apply(.square).scaled(by: 0.5),
          ifFalse: size.scaled(by: delta).adding(-0.5 * delta * delta)))
    case .logCosh:
      return .elements(
        try (error + error.scaled(by: -2).apply(.softplus)).adding(-0.693_147_18))
    case .hinge, .squaredHinge:
      let margin = try (-(y.asSigns() * p)).adding(1).maximum(y.builder.constant(0))
      return .elements(function == .hinge ? margin : try margin.apply(.square))
    case .categoricalHinge:
      let own = try (y * p).sum(axes: [-1])
      let other = try ((-y).adding(1) * p).max(axes: [-1])
      return .samples(try (other - own).adding(1).maximum(y.builder.constant(0)))
    case .klDivergence:
      let (y, p) = (try y.apply(.clip(Self.epsilon, 1)), try p.apply(.clip(Self.epsilon, 1)))
      return .samples(try (y * (y / p).apply(.log)).sum(axes: [-1]))
    case .poisson:
      return .elements(try p - y * p.adding(Self.epsilon).apply(.log))
    case .dice:
      let common = try total(y * p).scaled(by: 2)
      return .samples(
        try (-(common / (total(y) + total(p)).adding(Self.epsilon))).adding(1))
    case .tversky:
      let common = try total(y * p)
      let missed = try total((-p).adding(1) * y).scaled(by: Float(parameters.alpha))
      let wrong = try total(p * (-y).adding(1)).scaled(by: Float(parameters.beta))
      return .samples(
        try (-(common / (common + missed + wrong).adding(Self.epsilon))).adding(1))
    default:
      preconditionFailure("\(function) is a cross-entropy")
    }
  }

  /// (1 - p̂)^γ · entropy, p̂ the probability of what is true, weighted by α or 1 - α if classes are
  /// balanced.
  func focal(_ y: Value, _ p: Value, _ entropies: Value) throws -> Value {
    let others = try (-y).adding(1)
    let known = try y * p + others * (-p).adding(1)
    let gamma = try y.builder.constant(Float(parameters.gamma))
    let value = try (-known).adding(1).power(gamma) * entropies
    guard parameters.balancesClasses else { return value }
    let alpha = Float(parameters.alpha)
    return try (y.scaled(by: alpha) + others.scaled(by: 1 - alpha)) * value
  }

  /// -Σ α (1 - p)^γ y ln p, p divided by Σ p and clipped.
  func categoricalFocal(_ y: Value, _ p: Value) throws -> Value {
    let p = try (p / p.sum(axes: [-1], keepDims: true)).clippedToProbability()
    let gamma = try y.builder.constant(Float(parameters.gamma))
    let weight = try (-p).adding(1).power(gamma).scaled(by: Float(parameters.alpha))
    return try (weight * -(y * p.apply(.log))).sum(axes: [-1])
  }

  /// (1 - p^q) / q, p the probability of the true class.
  func generalized(_ oneHot: Value, _ p: Value) throws -> Value {
    let known = try (p * oneHot).sum(axes: [-1])
    let q = try p.builder.constant(Float(parameters.q))
    return try (-known.power(q)).adding(1) / q
  }

  private func total(_ value: Value) throws -> Value {
    try value.sum(axes: parameters.axes ?? Array(0..<value.rank))
  }

  private static let epsilon: Float = 1e-7
}

extension Value {
  /// ln(max(x, ε) + 1)
  fileprivate func logarithmOfSuccessor() throws(EngineError) -> Value {
    try maximum(builder.constant(1e-7)).adding(1).apply(.log)
  }

  /// Of length 1 along an axis, unless it is 0.
  fileprivate func normalized(_ axis: Int) throws(EngineError) -> Value {
    let length = try apply(.square).sum(axes: [axis], keepDims: true).apply(.sqrt)
    return try self / length.maximum(builder.constant(1e-7))
  }

  /// Labels of 0 and 1 as -1 and 1, and any others as they are.
  fileprivate func asSigns() throws(EngineError) -> Value {
    let (zero, one) = (try builder.constant(0), try builder.constant(1))
    let isOther = try notEqual(to: zero) * notEqual(to: one)
    let areOthers = try isOther.reshaped([shape.count]).max(axes: [0])
    return try areOthers.select(ifTrue: self, ifFalse: scaled(by: 2).adding(-1))
  }
}
