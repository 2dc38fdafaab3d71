/// What the numbers of a weight are like.
import Keratin

/// Computed in float64, over the finite elements; the standard deviation is the population's.
struct WeightStatistics {
  /// Nil where no element is finite.
  var minimum: Double?
  var maximum: Double?
  var mean: Double?
  var standardDeviation: Double?
  var nanCount = 0
  var infinityCount = 0

  init(_ tensor: Tensor) {
    let values = tensor.scalars.doubles
    var (low, high, sum, count) = (Double.infinity, -Double.infinity, 0.0, 0)
    for value in values {
      if value.isFinite {
        low = min(low, value)
        high = max(high, value)
        sum += value
        count += 1
      } else if value.isNaN {
        nanCount += 1
      } else {
        infinityCount += 1
      }
    }
    guard count > 0 else { return }
    let mean = sum / Double(count)
    // A second pass loses no digits where the mean is far from zero.
    let squares = values.reduce(0) { $1.isFinite ? $0 + ($1 - mean) * ($1 - mean) : $0 }
    (minimum, maximum, self.mean) = (low, high, mean)
    standardDeviation = (squares / Double(count)).squareRoot()
  }
}
