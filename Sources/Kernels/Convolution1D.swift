/// One-dimensional convolutions as matrix products on views of the input; nothing is unfolded.

/// The extents of a convolution of [N, T, C] by [K, C / groups, F] to [N, T′, F].
package struct Convolution1D: Sendable {
  package let samples: Int
  package let windows: Windows
  package let channels: Int
  package let filters: Int
  package let groups: Int

  /// - Precondition: `groups` divides `channels` and `filters`.
  package init(samples: Int, windows: Windows, channels: Int, filters: Int, groups: Int) {
    precondition(groups > 0 && channels % groups == 0 && filters % groups == 0)
    self.samples = samples
    self.windows = windows
    self.channels = channels
    self.filters = filters
    self.groups = groups
  }

  package var inputCount: Int { samples * windows.inputLength * channels }
  package var kernelCount: Int { windows.size * channels / groups * filters }
  package var outputCount: Int { samples * windows.count * filters }
  private var groupChannels: Int { channels / groups }
  private var groupFilters: Int { filters / groups }

  /// The elements of working memory for `forward`.
  package var packedKernelCount: Int {
    groups == 1 ? PackedMatrix.count(rows: windows.size * channels, columns: filters) : 0
  }

  /// The kernel as [K·C, F] for tiles; nil where it cannot be, and products are BLAS's.
  func packed(_ kernel: Buffer, _ scratch: Buffer, threads: Int) -> PackedMatrix? {
    guard groups == 1 else { return nil }
    let matrix = Matrix(kernel, rows: windows.size * channels, columns: filters)
    return PackedMatrix(matrix, into: scratch, threads: threads)
  }

  /// `y[n, t, f] = Σ x[n, t·stride + k·dilation − leading, c] · kernel[k, c, f]`.
  package func forward(
    input: Buffer, kernel: Buffer, output: Buffer, scratch: Buffer, threads: Int
  ) {
    check(input: input, kernel: kernel, output: output)
    let packed = packed(kernel, scratch, threads: threads)
    forEachPart(of: windows.count, threads: threads) { sample, part in
      forward(
        input: input, kernel: kernel, packed: packed, sample: sample, part: part,
        output: output.slice(
          (sample * windows.count + part.lowerBound) * filters, part.count * filters))
    }
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
      for group in 0..<groups {
        let rows = inputView(input, sample: sample, tap: tap, windows: inside, group: group)
        let result = Matrix(
          output.slice((inside.lowerBound - part.lowerBound) * filters + group * groupFilters),
          rows: inside.count, columns: groupFilters, stride: filters)
        if let packed {
          packed.multiply(
            StridedRows(rows), rows: tap * channels..<(tap + 1) * channels, into: result,
            accumulate: !isFresh)
        } else {
          multiplyInOneThread(
            rows, kernelView(kernel, tap: tap, group: group), into: result, accumulate: !isFresh)
        }
      }
      isFresh = false
    }
  }

  /// `dx`, from the gradient of the output.
  package func inputGradient(
    outputGradient: Buffer, kernel: Buffer, inputGradient: Buffer, threads: Int
  ) {
    check(input: inputGradient, kernel: kernel, output: outputGradient)
    parallel(samples, threads: threads) { range in
      for sample in range {
        inputGradient.slice(
          sample * windows.inputLength * channels, windows.inputLength * channels
        ).fill(0)
        for tap in 0..<windows.size {
          let inside = windows.inside(tap: tap)
          for group in 0..<groups where !inside.isEmpty {
            multiplyInOneThread(
              outputView(outputGradient, sample: sample, windows: inside, group: group),
              kernelView(kernel, tap: tap, group: group, transposed: true),
              into: inputView(
                inputGradient, sample: sample, tap: tap, windows: inside, group: group),
              accumulate: true)
          }
        }
      }
    }
  }

  /// `dkernel`, from the input and the gradient of the output. Each thread owns some taps' and input
  /// channels' rows of the kernel and adds up the samples in order, so the sum does not depend on
  /// the threads.
  package func kernelGradient(
    input: Buffer, outputGradient: Buffer, kernelGradient: Buffer, threads: Int
  ) {
    check(input: input, kernel: kernelGradient, output: outputGradient)
    kernelGradient.fill(0)
    parallel(groupChannels, threads: threads, multiple: 8) { range in
      for tap in 0..<windows.size {
        let inside = windows.inside(tap: tap)
        for group in 0..<groups where !inside.isEmpty {
          for sample in 0..<samples {
            multiplyInOneThread(
              inputView(
                input, sample: sample, tap: tap, windows: inside, group: group, channels: range,
                transposed: true),
              outputView(outputGradient, sample: sample, windows: inside, group: group),
              into: kernelView(kernelGradient, tap: tap, group: group, channels: range),
              accumulate: true)
          }
        }
      }
    }
  }

  /// Calls `body` for every sample, or for parts of each where there are fewer samples than threads.
  func forEachPart(
    of count: Int, threads: Int, _ body: @Sendable (Int, Range<Int>) -> Void
  ) {
    if samples >= threads {
      parallel(samples, threads: threads) { for sample in $0 { body(sample, 0..<count) } }
    } else {
      for sample in 0..<samples {
        parallel(count, threads: threads, multiple: 8) { body(sample, $0) }
      }
    }
  }

  private func check(input: Buffer, kernel: Buffer, output: Buffer) {
    precondition(
      input.count == inputCount && kernel.count == kernelCount && output.count == outputCount,
      "buffers that do not fit the convolution's extents")
  }

  private func inputView(
    _ input: Buffer, sample: Int, tap: Int, windows range: Range<Int>, group: Int,
    channels: Range<Int>? = nil, transposed: Bool = false
  ) -> Matrix {
    let channels = channels ?? 0..<groupChannels
    let first = windows.position(window: range.lowerBound, tap: tap)
    return Matrix(
      input.slice(
        (sample * windows.inputLength + first) * self.channels + group * groupChannels
          + channels.lowerBound),
      rows: range.count, columns: channels.count, stride: windows.stride * self.channels,
      transposed: transposed)
  }

  private func kernelView(
    _ kernel: Buffer, tap: Int, group: Int, channels: Range<Int>? = nil, transposed: Bool = false
  ) -> Matrix {
    let channels = channels ?? 0..<groupChannels
    return Matrix(
      kernel.slice((tap * groupChannels + channels.lowerBound) * filters + group * groupFilters),
      rows: channels.count, columns: groupFilters, stride: filters, transposed: transposed)
  }

  private func outputView(
    _ output: Buffer, sample: Int, windows range: Range<Int>, group: Int
  ) -> Matrix {
    Matrix(
      output.slice((sample * windows.count + range.lowerBound) * filters + group * groupFilters),
      rows: range.count, columns: groupFilters, stride: filters)
  }
}
