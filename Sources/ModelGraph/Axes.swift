/// Axes as configurations have them: one number, or a list of some.
import Engine
public import KerasCheckpoint
import Tensors

/// Negative ones count from the end.
public struct Axes: Sendable, Hashable {
  public private(set) var numbers: [Int]
  /// Whether they were written as a list, which Keras keeps.
  let isList: Bool

  init(_ numbers: [Int], isList: Bool) {
    self.numbers = numbers
    self.isList = isList
  }

  public var json: JSON { isList ? .array(numbers.map(JSON.int)) : .int(numbers[0]) }

  /// The axes from 0, in the order in which they are named.
  ///
  /// - Throws: `ModelGraphError` where there is no such axis, or one is named twice.
  func places(of shape: LayerShape) throws(ModelGraphError) -> [Int] {
    var places: [Int] = []
    for number in numbers {
      let place = try shape.place(of: number)
      guard !places.contains(place) else {
        throw ModelGraphError(.inputShape(expected: "each axis once of \(numbers)", found: shape))
      }
      places.append(place)
    }
    return places
  }

  /// The sizes along the axes, in the order in which they are named, as a weight has them.
  func extents(of shape: LayerShape) throws(ModelGraphError) -> [Int] {
    var extents: [Int] = []
    for place in try places(of: shape) { extents.append(try shape.known(place)) }
    return extents
  }
}

extension Axes: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public init(integerLiteral number: Int) { self.init([number], isList: false) }

  /// - Precondition: there is one.
  public init(arrayLiteral numbers: Int...) {
    precondition(!numbers.isEmpty, "no axes")
    self.init(numbers, isList: true)
  }
}

extension LayerConfig {
  /// Reads a whole number, or a list of at least one.
  mutating func axes(_ key: String, default standard: Int? = nil) throws(ModelGraphError) -> Axes {
    guard let stored = value(key), let list = stored.array else {
      return Axes([try integer(key, default: standard)], isList: false)
    }
    let numbers = list.compactMap(\.int)
    guard !numbers.isEmpty, numbers.count == list.count, numbers.count <= Self.rankLimit,
      numbers.allSatisfy({ (-Self.rankLimit...Self.rankLimit).contains($0) })
    else {
      throw wrong(key, "a whole number or a list of some", stored)
    }
    return Axes(numbers, isList: true)
  }

  /// The same as Keras 3 sorts them before it makes weights; Keras 2 does not.
  mutating func sortedAxes(_ key: String, default standard: Int) throws(ModelGraphError) -> Axes {
    let axes = try axes(key, default: standard)
    return dialect < .keras3 ? axes : Axes(axes.numbers.sorted(), isList: axes.isList)
  }
}

extension Value {
  /// Calls `body` with the elements along `places` as rows of a matrix, and brings its result, of the same
  /// shape, back into place. Within a row the elements stand in the order of the axes.
  func asRows(along places: [Int], _ body: (Value) throws -> Value) throws -> Value {
    let inner = places.sorted()
    let order = (0..<rank).filter { !inner.contains($0) } + inner
    let width = inner.reduce(1) { $0 * shape[$1] }
    let moved = try transposed(order)
    let rows = try moved.reshaped([shape.count / Swift.max(width, 1), width])
    var back = [Int](repeating: 0, count: rank)
    for (place, axis) in order.enumerated() { back[axis] = place }
    return try body(rows).reshaped(moved.shape).transposed(back)
  }
}
