/// The extents of a tensor, outermost first; `[]` is a scalar. Row-major.
public struct Shape: Sendable, Hashable {
  public let dimensions: [Int]

  /// - Precondition: no extent is negative, and the count of elements fits an `Int`; a reader of
  ///   untrusted extents uses `init(checking:)`.
  public init(_ dimensions: [Int]) {
    guard let shape = Shape(checking: dimensions) else {
      preconditionFailure("a shape of negative or uncountable extents: \(dimensions)")
    }
    self = shape
  }

  /// The shape of these extents, or nil where one is negative or their product is not an `Int`.
  public init?(checking dimensions: [Int]) {
    var count = 1
    for extent in dimensions {
      guard extent >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      count = product
    }
    self.dimensions = dimensions
    self.count = count
  }

  /// The number of elements.
  public let count: Int

  /// The number of axes.
  public var rank: Int { dimensions.count }

  public subscript(axis: Int) -> Int { dimensions[axis] }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  /// As Python prints a tuple: `(3,)`, `(2, 3)`.
  public var description: String {
    dimensions.count == 1
      ? "(\(dimensions[0]),)" : "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
  }
}
