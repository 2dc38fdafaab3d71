/// The same numbers in another arrangement: what weights of older layouts need.
import Tensors

extension Weight {
  /// The weight with its axes in another order; axis i of the result is axis `order[i]` of this one.
  ///
  /// - Precondition: `order` has every axis once.
  package func transposed(_ order: [Int]) throws -> Weight {
    precondition(order.sorted() == Array(0..<shape.rank), "\(order) is no order of axes")
    // Extents beside a 0 may be more than an `Int` counts.
    guard shape.count > 0 else { return self }
    let strides = shape.strides
    return try viewed(order.map { shape[$0] }, start: 0, order.map { strides[$0] })
  }

  /// The weight with the elements along these axes in reverse.
  ///
  /// - Precondition: it has them.
  package func reversed(axes: Range<Int>) throws -> Weight {
    guard shape.count > 0 else { return self }
    var strides = shape.strides
    var start = 0
    for axis in axes {
      start += (shape[axis] - 1) * strides[axis]
      strides[axis].negate()
    }
    return try viewed(shape.dimensions, start: start, strides)
  }

  /// The same elements under another shape.
  ///
  /// - Precondition: both shapes have the same count.
  package func reshaped(_ extents: [Int]) throws -> Weight {
    guard shape.count > 0 else { return self }
    return Weight(name: name, tensor: try tensor().reshaped(to: Shape(extents)))
  }

  /// The weight in equal parts along its last axis.
  ///
  /// - Precondition: its extent is a multiple of the count.
  package func split(_ count: Int) throws -> [Weight] {
    guard shape.count > 0 else { return .init(repeating: self, count: count) }
    let strides = shape.strides
    let width = shape[shape.rank - 1] / count
    let extents = Array(shape.dimensions.dropLast()) + [width]
    return try (0..<count).map { try viewed(extents, start: $0 * width, strides) }
  }

  /// The weight with other numbers, each by its own.
  package func mapped(_ transform: (Float) -> Float) throws -> Weight {
    Weight(name: name, tensor: Tensor(shape, try tensor().scalars.floats.map(transform)))
  }

  /// The weights side by side along their last axis, under the first one's name; nil where they do not
  /// fit together.
  package static func joined(_ weights: [Weight]) throws -> Weight? {
    guard let first = weights.first, first.shape.rank > 0 else { return nil }
    let outer = first.shape.dimensions.dropLast()
    let fits = weights.allSatisfy {
      $0.shape.count > 0 && $0.shape.rank > 0 && $0.shape.dimensions.dropLast() == outer
    }
    guard fits else { return nil }
    let widths = weights.map { $0.shape[outer.count] }
    let parts = try weights.map { try $0.tensor().scalars.floats }
    let shape = Shape(Array(outer) + [widths.reduce(0, +)])
    var values: [Float] = []
    values.reserveCapacity(shape.count)
    for row in 0..<outer.reduce(1, *) {
      for (part, width) in zip(parts, widths) { values += part[row * width..<(row + 1) * width] }
    }
    return Weight(name: first.name, tensor: Tensor(shape, values))
  }

  /// The elements at `start` and on, a step along axis i of the result being `strides[i]` in this one.
  private func viewed(_ extents: [Int], start: Int, _ strides: [Int]) throws -> Weight {
    let values = try tensor().scalars.floats
    let shape = Shape(extents)
    var result: [Float] = []
    result.reserveCapacity(shape.count)
    var place = start
    var index = [Int](repeating: 0, count: extents.count)
    for _ in 0..<shape.count {
      result.append(values[place])
      var axis = extents.count - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < extents[axis] { break }
        place -= extents[axis] * strides[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return Weight(name: name, tensor: Tensor(shape, result))
  }
}

extension Shape {
  /// How many elements lie between neighbours along each axis.
  fileprivate var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in (0..<max(0, rank - 1)).reversed() {
      strides[axis] = strides[axis + 1] * self[axis + 1]
    }
    return strides
  }
}
