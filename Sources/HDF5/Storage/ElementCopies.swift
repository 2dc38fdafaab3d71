/// The copies of bytes into arrays of elements.
extension RawSpan {
  /// A copy of these bytes as `count` values of the type of `zero`.
  ///
  /// - Precondition: they are as many bytes.
  func elements<T: BitwiseCopyable>(as zero: T, count: Int) -> [T] {
    precondition(byteCount == count * MemoryLayout<T>.stride)
    // SAFETY: the copy fills exactly the capacity, by the precondition; any bits are a `T`, which
    // callers choose among the numbers.
    return unsafe withUnsafeBytes { source in
      unsafe [T](unsafeUninitializedCapacity: count) { target, initialized in
        unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
        initialized = count
      }
    }
  }
}

extension Array where Element: BitwiseCopyable {
  /// Repeats the bytes of `pattern` until the array is full.
  mutating func fill(with pattern: [UInt8]) {
    // SAFETY: each copy is of bytes already filled, no longer than what remains, to where they end,
    // so the two never overlap.
    unsafe withUnsafeMutableBytes { target in
      unsafe target.copyBytes(from: pattern.prefix(target.count))
      var filled = Swift.min(pattern.count, target.count)
      while filled > 0, filled < target.count {
        let count = Swift.min(filled, target.count - filled)
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: target[0..<count]))
        filled += count
      }
    }
  }

  /// Puts the elements of a chunk where they belong in an array of `shape`; what reaches beyond the
  /// shape is left out.
  ///
  /// - Precondition: `bytes` are the whole chunk, the array has the bytes of `shape`, and the chunk
  ///   begins within it.
  mutating func scatter(
    _ bytes: RawSpan, of chunk: ChunkIndex.Record, _ layout: ChunkedLayout, shape: [Int]
  ) {
    let rank = shape.count
    let origin = zip(chunk.position, layout.extents).map { $0 * $1 }
    let extents = (0..<rank).map { Swift.min(layout.extents[$0], shape[$0] - origin[$0]) }
    // Bytes from one place to the next along each axis, in the chunk and in the array.
    var from = [Int](repeating: layout.elementSize, count: rank)
    var to = from
    for axis in (0..<rank - 1).reversed() {
      from[axis] = from[axis + 1] * layout.extents[axis + 1]
      to[axis] = to[axis + 1] * shape[axis + 1]
    }
    // Axes that both have whole make longer rows.
    var rowAxis = rank - 1
    while rowAxis > 0, extents[rowAxis] == shape[rowAxis],
      extents[rowAxis] == layout.extents[rowAxis]
    {
      rowAxis -= 1
    }
    let rowBytes = extents[rowAxis] * to[rowAxis]
    var place = [Int](repeating: 0, count: rowAxis)
    var source = 0
    var target = zip(origin, to).reduce(0) { $0 + $1.0 * $1.1 }
    // SAFETY: both copies are checked against the counts of their buffers.
    unsafe withUnsafeMutableBytes { array in
      unsafe bytes.withUnsafeBytes { chunk in
        while true {
          precondition(
            source + rowBytes <= chunk.count && target + rowBytes <= array.count)
          unsafe UnsafeMutableRawBufferPointer(rebasing: array[target..<target + rowBytes])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: chunk[source..<source + rowBytes]))
          // The next row, as an odometer turns.
          var axis = rowAxis - 1
          while axis >= 0 {
            place[axis] += 1
            source += from[axis]
            target += to[axis]
            if place[axis] < extents[axis] { break }
            source -= place[axis] * from[axis]
            target -= place[axis] * to[axis]
            place[axis] = 0
            axis -= 1
          }
          if axis < 0 { return }
        }
      }
    }
  }
}
