/// One-dimensional convolutions block by block, for those that only keep the maxima of their outputs.

/// The extents of a convolution of [N, T, C] by [K, C, F] to [N, T′, F].
package struct Convolution1D: Sendable {
  package let samples: Int
  package let windows: Windows
  package let channels: Int
  package let filters: Int

  package init(samples: Int, windows: Windows, channels: Int, filters: Int) {
    self.samples = samples
    self.windows = windows
    self.channels = channels
    self.filters = filters
  }

  package var inputCount: Int { samples * windows.inputLength * channels }
  package var kernelCount: Int { windows.size * channels * filters }

  /// The elements of working memory for a packed kernel.
  package var packedKernelCount: Int {
    PackedMatrix.count(rows: windows.size * channels, columns: filters)
  }

  /// The kernel as [K·C, F] for tiles; nil where it cannot be, and products are BLAS's.
  func packed(_ kernel: Buffer, _ scratch: Buffer, threads: Int) -> PackedMatrix? {
    let matrix = Matrix(kernel, rows: windows.size * channels, columns: filters)
    return PackedMatrix(matrix, into: scratch, threads: threads)
  }

  /// The windows `part` of one sample, into an output of their own.
  func forward(
    input: Buffer, kernel: Buffer, packed: PackedMatrix?, sample: Int, part: Range<Int>,
    output: Buffer
  ) {
    // Where every tap sees the input, rows of windows that overlap in memory make one product.
    let whole = windows.whole.clamped(to: part)
    guard let packed, windows.dilation == 1, !whole.isEmpty else {
      forwardByTaps(
        input: input, kernel: kernel, packed: packed, sample: sample, part: part, output: output)
      return
    }
    for edge in [part.lowerBound..<whole.lowerBound, whole.upperBound..<part.upperBound]
    where !edge.isEmpty {
      forwardByTaps(
        input: input, kernel: kernel, packed: packed, sample: sample, part: edge,
        output: output.slice((edge.lowerBound - part.lowerBound) * filters, edge.count * filters))
    }
    let first = windows.position(window: whole.lowerBound, tap: 0)
    packed.multiply(
      StridedRows(
        input.slice((sample * windows.inputLength + first) * channels), height: whole.count,
        width: windows.size * channels, rowStride: windows.stride * channels),
      into: Matrix(
        output.slice((whole.lowerBound - part.lowerBound) * filters), rows: whole.count,
        columns: filters),
      accumulate: false)
  }

  /// A product for each tap, on the windows where it sees the input.
  private func forwardByTaps(
    input: Buffer, kernel: Buffer, packed: PackedMatrix?, sample: Int, part: Range<Int>,
    output: Buffer
  ) {
    var isFresh = true
    if (0..<windows.size).contains(where: { part.clamped(to: windows.inside(tap: $0)) != part }) {
      output.fill(0)
      isFresh = false
    }
    for tap in 0..<windows.size {
      let inside = windows.inside(tap: tap).clamped(to: part)
      if inside.isEmpty { continue }
      let first = windows.position(window: inside.lowerBound, tap: tap)
      let rows = Matrix(
        input.slice((sample * windows.inputLength + first) * channels), rows: inside.count,
        columns: channels, stride: windows.stride * channels)
      let result = Matrix(
        output.slice((inside.lowerBound - part.lowerBound) * filters), rows: inside.count,
        columns: filters)
      if let packed {
        packed.multiply(
          StridedRows(rows), rows: tap * channels..<(tap + 1) * channels, into: result,
          accumulate: !isFresh)
      } else {
        let matrix = Matrix(
          kernel.slice(tap * channels * filters), rows: channels, columns: filters)
        multiplyInOneThread(rows, matrix, into: result, accumulate: !isFresh)
      }
      isFresh = false
    }
  }
}
