/// The rows of a convolution: the last axis for one place on the others.
internal import CKernels

extension Convolution {
  var last: Windows { windows[windows.count - 1] }

  /// The axes before the last.
  var outer: ArraySlice<Windows> { windows.dropLast() }
  var outerTaps: Int { outer.reduce(1) { $0 * $1.size } }
  var inputRows: Int { outer.reduce(1) { $0 * $1.inputLength } }
  var outputRows: Int { outer.reduce(1) { $0 * $1.count } }

  /// The positions of a row of the input with its padding.
  var pitch: Int {
    max(last.leading + last.inputLength, (last.count - 1) * last.stride + last.size)
  }

  /// Whether rows must be copied to get zeros around them.
  var isPadded: Bool { pitch != last.inputLength }

  /// The elements of a sample with padded rows; 0 where it is used as it is.
  var paddedCount: Int { isPadded ? inputRows * pitch * channels : 0 }

  /// The row of the input that a tap of the outer axes sees from a row of the output; nil where that is
  /// padding.
  func inputRow(of row: Int, tap: Int) -> Int? {
    var (row, tap, result, step) = (row, tap, 0, 1)
    for axis in outer.reversed() {
      let position = axis.position(window: row % axis.count, tap: tap % axis.size)
      guard (0..<axis.inputLength).contains(position) else { return nil }
      result += position * step
      step *= axis.inputLength
      row /= axis.count
      tap /= axis.size
    }
    return result
  }

  /// A sample with zeros around its rows: itself where it has none, else in `padded`.
  func withPaddedRows(_ sample: Buffer, in padded: Buffer, threads: Int = 1) -> Buffer {
    guard isPadded else { return sample }
    let padded = padded.slice(0, paddedCount)
    let length = last.inputLength * channels
    parallel(inputRows, threads: threads.worthwhile(paddedCount)) { rows in
      // SAFETY: the rows lie within both buffers, which are [inputRows, length] and [inputRows, pitch].
      unsafe kt_pad_rows(
        sample.slice(rows.lowerBound * length, rows.count * length).floats, rows.count, length,
        last.leading * channels, pitch * channels,
        padded.slice(rows.lowerBound * pitch * channels, rows.count * pitch * channels).floats)
    }
    return padded
  }
}

/// One forward pass over all samples.
struct ForwardJob: Sendable {
  let convolution: Convolution
  let input: Buffer
  let kernel: Convolution.Kernel
  let output: Buffer
  let finish: RowFinish
  let scratch: Buffer

  /// Windows whose outputs are finished at once: some tiles, and few enough to stay near.
  private static let rowPart = 56

  func runRows(threads: Int) {
    let c = convolution
    guard case .packed(let buffer) = kernel, let packed = c.packedGroup(buffer, 0) else { return }
    let sampleCount = c.inputPositions * c.channels
    if c.samples >= threads {
      parallelByTurns(c.samples, threads: threads) { range, thread in
        for sample in range {
          let rows = c.withPaddedRows(
            input.slice(sample * sampleCount, sampleCount),
            in: scratch.slice(thread * c.paddedCount))
          for row in 0..<c.outputRows { run(sample, row, 0..<c.last.count, rows, packed) }
        }
      }
      return
    }
    for sample in 0..<c.samples {
      let rows = c.withPaddedRows(
        input.slice(sample * sampleCount, sampleCount), in: scratch, threads: threads)
      if c.outputRows >= threads {
        parallel(c.outputRows, threads: threads) { range in
          for row in range { run(sample, row, 0..<c.last.count, rows, packed) }
        }
      } else {
        parallel(c.last.count, threads: threads, multiple: 14) { range in
          for row in 0..<c.outputRows { run(sample, row, range, rows, packed) }
        }
      }
    }
  }

  /// Some windows of one row.
  private func run(
    _ sample: Int, _ row: Int, _ range: Range<Int>, _ rows: Buffer, _ packed: PackedMatrix
  ) {
    let c = convolution
    let width = c.last.size * c.channels
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.rowPart) {
      let count = min(Self.rowPart, range.upperBound - start)
      let result = output.slice(
        ((sample * c.outputRows + row) * c.last.count + start) * c.filters, count * c.filters)
      var isFresh = true
      for tap in 0..<c.outerTaps {
        guard let source = c.inputRow(of: row, tap: tap) else { continue }
        packed.multiply(
          StridedRows(
            rows.slice((source * c.pitch + start * c.last.stride) * c.channels), height: count,
            width: width, rowStride: c.last.stride * c.channels),
          rows: tap * width..<(tap + 1) * width,
          into: Matrix(result, rows: count, columns: c.filters), accumulate: !isFresh)
        isFresh = false
      }
      if isFresh { result.fill(0) }
      finish.apply(to: Matrix(result, rows: count, columns: c.filters))
    }
  }
}
