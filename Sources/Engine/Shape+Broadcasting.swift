/// numpy's broadcasting, and how axes are named.
package import Tensors

extension Shape {
  /// The shape that both broadcast to: aligned at the last axis, extents of 1 repeat. Nil where two
  /// extents differ and neither is 1.
  package func broadcast(with other: Shape) -> Shape? {
    let rank = Swift.max(rank, other.rank)
    var extents: [Int] = []
    for axis in 0..<rank {
      let (a, b) = (extent(axis, ofRank: rank), other.extent(axis, ofRank: rank))
      guard a == b || a == 1 || b == 1 else { return nil }
      extents.append(a == 1 ? b : a)
    }
    return Shape(checking: extents)
  }

  private func extent(_ axis: Int, ofRank rank: Int) -> Int {
    axis < rank - self.rank ? 1 : self[axis - (rank - self.rank)]
  }

  /// The axis from 0 that `axis` names, negative ones counting from the end; nil where there is none.
  package func axis(_ axis: Int) -> Int? {
    let position = axis < 0 ? axis + rank : axis
    return position >= 0 && position < rank ? position : nil
  }

  /// The axis from 0, for `op`.
  ///
  /// - Throws: `EngineError` where there is none.
  func axis(_ axis: Int, of op: String) throws(EngineError) -> Int {
    guard let position = self.axis(axis) else {
      throw EngineError(.options(op: op, reason: "there is no axis \(axis) in the shape \(self)"))
    }
    return position
  }
}

extension ReferenceTensor {
  /// The elements repeated to a larger shape.
  ///
  /// - Precondition: this shape broadcasts to `shape`.
  func broadcast(to shape: Shape) -> ReferenceTensor {
    if shape == self.shape { return self }
    let leading = shape.rank - self.shape.rank
    return ReferenceTensor(
      shape,
      shape.indices.map { index in
        var offset = 0
        for axis in 0..<self.shape.rank {
          offset =
            offset * self.shape[axis] + (self.shape[axis] == 1 ? 0 : index[leading + axis])
        }
        return values[offset]
      })
  }
}

extension Shape {
  /// Every index in row-major order; for references only.
  var indices: [[Int]] {
    dimensions.reduce([[]]) { prefixes, extent in
      prefixes.flatMap { prefix in (0..<extent).map { prefix + [$0] } }
    }
  }
}

extension Shape {
  /// The numbers of elements before and behind an axis: the array is [outer, this[axis], inner].
  func extents(around axis: Int) -> (outer: Int, inner: Int) {
    (dimensions[..<axis].reduce(1, *), dimensions[(axis + 1)...].reduce(1, *))
  }
}
