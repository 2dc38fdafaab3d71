/// How gradients are clipped, as ops.
import Engine

extension GradientClipping {
  /// The gradients within the bound.
  func clipped(_ gradients: [ParameterGradient]) throws(EngineError) -> [ParameterGradient] {
    var results: [ParameterGradient] = []
    switch self {
    case .value(let bound):
      for gradient in gradients {
        results.append(
          try gradient.mapped { value throws(EngineError) in
            try value.apply(.clip(Float(-bound), Float(bound)))
          })
      }
    case .norm(let bound):
      for gradient in gradients {
        results.append(try gradient.scaled(by: Self.scale(gradient.sumOfSquares(), bound)))
      }
    case .globalNorm(let bound):
      guard var sum = try gradients.first?.sumOfSquares() else { return [] }
      for gradient in gradients.dropFirst() { sum = try sum + gradient.sumOfSquares() }
      let scale = try Self.scale(sum, bound)
      for gradient in gradients { results.append(try gradient.scaled(by: scale)) }
    }
    return results
  }

  /// bound / max(norm, bound)
  private static func scale(_ squares: Value, _ bound: Double) throws(EngineError) -> Value {
    let bound = try squares.builder.constant(Float(bound))
    return try bound / squares.apply(.sqrt).maximum(bound)
  }
}

extension ParameterGradient {
  fileprivate func scaled(by scale: Value) throws(EngineError) -> ParameterGradient {
    try mapped { value throws(EngineError) in try value * scale }
  }
}
