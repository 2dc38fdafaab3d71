/// Drawing the first numbers of a weight.
import Engine
import Tensors

extension Initializer {
  /// The numbers of a weight of this shape.
  ///
  /// - Parameter fans: of the weight, where its shape does not say them.
  /// - Throws: `ModelGraphError` where the rule is not known, or does not suit the shape.
  func tensor(
    _ shape: Shape, fans: WeightSpec.Fans? = nil, from source: inout RandomSource
  ) throws(ModelGraphError) -> Tensor {
    guard let rule else { throw ModelGraphError(.uninitialisable(initializer: className)) }
    if let seed {
      var own = RandomSource(seed: UInt64(truncatingIfNeeded: seed))
      return Tensor(shape, try rule.values(shape, fans, &own, className))
    }
    return Tensor(shape, try rule.values(shape, fans, &source, className))
  }
}

extension Initializer.Rule {
  fileprivate func values(
    _ shape: Shape, _ fans: WeightSpec.Fans?, _ source: inout RandomSource, _ className: String
  ) throws(ModelGraphError) -> [Float] {
    let count = shape.count
    switch self {
    case .constant(let value):
      return [Float](repeating: Float(value), count: count)
    case .uniform(let range):
      return source.uniform(count, from: Float(range.lowerBound), to: Float(range.upperBound))
    case .normal(let mean, let deviation):
      return source.normal(count, mean: Float(mean), standardDeviation: Float(deviation))
    case .truncatedNormal(let mean, let deviation):
      return source.truncatedNormal(count, mean: Float(mean), standardDeviation: Float(deviation))
    case .varianceScaling(let scaling):
      guard let deviation = scaling.deviation(shape, fans) else { break }
      return scaling.values(count, deviation, &source)
    case .orthogonal(let gain):
      guard shape.rank >= 2 else { break }
      return OrthogonalMatrix.values(shape, gain: gain, &source)
    case .identity(let gain):
      guard shape.rank == 2 else { break }
      return (0..<count).map { $0 / shape[1] == $0 % shape[1] ? Float(gain) : 0 }
    case .runs(let runs):
      var values: [Float] = []
      for run in runs { values += try run.rule.values([run.count], nil, &source, className) }
      return values
    }
    throw ModelGraphError(.uninitialisable(initializer: className))
  }
}

extension Initializer.VarianceScaling {
  /// The standard deviation for a weight of this shape, `√(scale / fan)`; nil where the fan's axes
  /// are not there.
  fileprivate func deviation(_ shape: Shape, _ given: WeightSpec.Fans?) -> Double? {
    guard let fans = fans(shape, given) else { return nil }
    let fan: Double =
      switch mode {
      case .fanIn: fans.in
      case .fanOut: fans.out
      case .fanAverage: (fans.in + fans.out) / 2
      }
    return (scale / max(1, fan)).squareRoot()
  }

  /// How many numbers go into, and come out of, one application of the weight. Every axis but the
  /// last two is a window of a convolution.
  private func fans(
    _ shape: Shape, _ given: WeightSpec.Fans?
  ) -> (in: Double, out: Double)? {
    let extents = shape.dimensions.map { Double($0) }
    if let inputAxes, let outputAxes {
      func product(_ axes: [Int]) -> Double? {
        var product = 1.0
        for axis in axes {
          let place = axis < 0 ? axis + extents.count : axis
          guard extents.indices.contains(place) else { return nil }
          product *= extents[place]
        }
        return product
      }
      guard let fanIn = product(inputAxes), let fanOut = product(outputAxes) else { return nil }
      return (fanIn, fanOut)
    }
    if let given { return (Double(given.in), Double(given.out)) }
    switch extents.count {
    case 0: return (1, 1)
    case 1: return (extents[0], extents[0])
    default:
      let window = extents.dropLast(2).reduce(1, *)
      return (extents[extents.count - 2] * window, extents[extents.count - 1] * window)
    }
  }

  fileprivate func values(
    _ count: Int, _ deviation: Double, _ source: inout RandomSource
  ) -> [Float] {
    switch distribution {
    case .uniform:
      // The deviation of an even spread over ±limit is limit / √3.
      let limit = Float(3.0.squareRoot() * deviation)
      return source.uniform(count, from: -limit, to: limit)
    case .normal:
      return source.normal(count, standardDeviation: Float(deviation))
    case .truncatedNormal:
      // What the truncation takes from the deviation is put back.
      let wide = Float(deviation / 0.879_625_661_034_239_78)
      return source.truncatedNormal(count, standardDeviation: wide)
    }
  }
}

/// Random matrices whose columns (or rows, where these are fewer) are orthonormal.
///
/// The Q of a QR decomposition of normal numbers, with the signs of R's diagonal, is evenly spread
/// over all such matrices; Gram-Schmidt, done twice for accuracy, gives that Q and those signs.
private enum OrthogonalMatrix {
  static func values(_ shape: Shape, gain: Double, _ source: inout RandomSource) -> [Float] {
    let columns = shape[shape.rank - 1]
    let rows = columns == 0 ? 0 : shape.count / columns
    let (length, count) = (max(rows, columns), min(rows, columns))
    var vectors: [[Double]] = []
    while vectors.count < count {
      var vector = source.normal(length).map { Double($0) }
      for _ in 0..<2 {
        for other in vectors {
          let overlap = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for place in vector.indices { vector[place] -= overlap * other[place] }
        }
      }
      let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard norm > 1e-6 else { continue }
      vectors.append(vector.map { $0 / norm })
    }
    return (0..<shape.count).map { place in
      let (row, column) = (place / columns, place % columns)
      return Float(gain * (rows < columns ? vectors[row][column] : vectors[column][row]))
    }
  }
}
