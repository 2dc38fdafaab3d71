/// Comparing whole arrays: the worst element decides, and is named.
import Keratin
import Testing

/// Expects the same shape, and each element within `tolerance`; with tolerance 0, the same bits.
///
/// - Returns: the largest difference.
@discardableResult
func expectEqual(
  _ found: Tensor, _ expected: Tensor, within tolerance: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) -> Double {
  guard found.shape.dimensions == expected.shape.dimensions else {
    Issue.record(
      "\(what): shape \(found.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
    return .infinity
  }
  let (a, b) = (found.scalars.floats, expected.scalars.floats)
  if tolerance == 0 {
    let place = a.indices.first { a[$0].bitPattern != b[$0].bitPattern }
    if let place {
      Issue.record(
        "\(what)[\(place)]: found \(a[place]), expected the very bits of \(b[place])",
        sourceLocation: sourceLocation)
      return Double(abs(a[place] - b[place]))
    }
    return 0
  }
  var worst = (difference: 0.0, place: 0)
  for place in a.indices {
    let difference = abs(Double(a[place]) - Double(b[place]))
    // A NaN is no small difference.
    if !(difference <= worst.difference) { worst = (difference, place) }
    if difference.isNaN { break }
  }
  if !(worst.difference <= tolerance) {
    Issue.record(
      """
      \(what)[\(worst.place)]: found \(a[worst.place]), expected \(b[worst.place]) within \
      \(tolerance); it is off by \(worst.difference)
      """, sourceLocation: sourceLocation)
  }
  return worst.difference
}

/// Expects the same tensors; see the other.
@discardableResult
func expectEqual(
  _ found: [Tensor], _ expected: [Tensor], within tolerance: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) -> Double {
  #expect(
    found.count == expected.count && !found.isEmpty, "\(what): the number of tensors",
    sourceLocation: sourceLocation)
  return zip(found, expected).enumerated().map { place, pair in
    expectEqual(
      pair.0, pair.1, within: tolerance, "\(what) \(place)", sourceLocation: sourceLocation)
  }.max() ?? .infinity
}

/// Expects the numbers of every epoch: losses within `tolerance` of themselves, accuracies within one
/// row of the data, since a probability at one half may fall to either side.
///
/// - Returns: the largest relative difference of a loss.
@discardableResult
func expectEqual(
  _ found: History, _ expected: [String: [Double]], within tolerance: Double, rows: Int,
  validationRows: Int, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) -> Double {
  var worst = 0.0
  #expect(
    Set(found.names) == Set(expected.keys), "\(what): what is logged",
    sourceLocation: sourceLocation)
  for (name, numbers) in expected.sorted(by: { $0.key < $1.key }) {
    #expect(
      found[name].count == numbers.count, "\(what): the epochs of \(name)",
      sourceLocation: sourceLocation)
    for (epoch, (found, expected)) in zip(found[name], numbers).enumerated() {
      let difference = abs(found - expected)
      let bound: Double
      if name.hasSuffix("acc") {
        bound = 1.01 / Double(name.hasPrefix("val_") ? validationRows : rows)
      } else {
        bound = tolerance * abs(expected)
        worst = max(worst, difference / abs(expected))
      }
      #expect(
        difference <= bound,
        """
        \(what): \(name) of epoch \(epoch + 1) is \(found), expected \(expected) within \(bound)
        """, sourceLocation: sourceLocation)
    }
  }
  return worst
}

/// Prints what a test measured, to be found among the test's output.
func measured(_ text: String) { print("measured: \(text)") }
